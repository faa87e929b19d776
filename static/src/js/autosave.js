// Sends a form as typed to data-autosave-url, so that no work is lost. Nothing is kept in the browser, which others may use after.

import { freshenToken } from './token.js'

const EVERY_MS = 20000

function words (form) {
  const data = new FormData(form)
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name)
  return data
}

const print = (data) => JSON.stringify([...data].filter(([name]) => name !== 'csrfmiddlewaretoken'))

// As the server sent it: on a slow line people type before this script has arrived, and that is not saved yet
function served (form) {
  const copy = form.cloneNode(true)
  copy.reset()
  return print(words(copy))
}

/** For a form without autosave: answers whether nothing would be lost by leaving the page. */
export function watch (form) {
  const first = served(form)
  return async () => print(words(form)) === first
}

/**
 * @param {HTMLFormElement} form with data-autosave-url
 * @returns {() => Promise<boolean>} saves now if anything changed; true when the server holds what stands in the form
 */
export function startAutosave (form) {
  const status = document.createElement('p')
  status.className = 'app-saved'
  status.setAttribute('role', 'status')
  form.append(status)

  let held = served(form)
  let running = null
  let isSubmitting = false

  async function send (isLeaving) {
    freshenToken(form)
    const data = words(form)
    const now = print(data)
    if (now === held) return true
    try {
      const answer = await fetch(form.dataset.autosaveUrl, {
        method: 'POST',
        body: data,
        headers: { 'X-Autosave': '1' },
        redirect: 'manual',
        // Browsers refuse to keep a fetch of 64 KB or more alive
        keepalive: isLeaving && now.length < 20000
      })
      if (!answer.ok) throw new Error(String(answer.status))
      held = now
      document.dispatchEvent(new Event('session:renewed'))
      const time = new Date().toLocaleTimeString('en-GB', { hour: 'numeric', minute: '2-digit' })
      status.textContent = `Your words were saved at ${time}.`
      return true
    } catch {
      status.textContent = 'Your latest words are not saved yet. Keep this page open and check your connection.'
      return false
    }
  }

  // One at a time, and none once the form itself is on its way, so that older words never land after newer ones
  function save (isLeaving = false) {
    if (isSubmitting) return Promise.resolve(true)
    running ??= send(isLeaving).finally(() => { running = null })
    return running
  }

  setInterval(save, EVERY_MS)
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') save(true)
  })
  form.addEventListener('submit', (event) => {
    if (running) {
      event.preventDefault()
      const button = event.submitter
      running.finally(() => form.requestSubmit(button))
    } else {
      isSubmitting = true
    }
  })
  window.addEventListener('pageshow', () => { isSubmitting = false })
  return () => save()
}
