// data-shown-when="field=value other-value": shows an element only while `field` has one of these values. Without scripts it
// always shows, so the server ignores answers that do not apply and keeps them.

/** @param {HTMLElement} element inside the form that holds the field */
export function revealWhen (element) {
  const form = element.closest('form')
  const [name, wanted] = element.dataset.shownWhen.split('=')
  const values = wanted.split(' ')
  const look = () => {
    element.hidden = !new FormData(form).getAll(name).some((value) => values.includes(value))
    element.classList.remove('app-unasked') // from here on the script says so, also while the page is still loading
  }
  form.addEventListener('change', look)
  window.addEventListener('pageshow', look)
  look()
}
