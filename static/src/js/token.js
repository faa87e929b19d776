// Signing in again, in this tab or another, changes the token that protects forms: take the one that holds now.

/** @param {HTMLFormElement} form about to be sent */
export function freshenToken (form) {
  const name = document.documentElement.dataset.csrfCookie
  const token = document.cookie.split('; ').find((pair) => pair.startsWith(`${name}=`))?.split('=')[1]
  const field = form.querySelector('[name=csrfmiddlewaretoken]')
  if (token && field) field.value = token
}
