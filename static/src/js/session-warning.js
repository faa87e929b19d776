// Two minutes before the server ends an idle session: save the open form, then ask. Activity in another tab counts too,
// since every answer of the server renews the session: tabs tell each other over a channel that carries no words.

import { freshenToken } from './token.js'

const WARN_SECONDS = 120

/**
 * @param {HTMLDialogElement} dialog holds the form that renews the session; data-session-seconds: idle seconds until it
 *   ends; data-ended-url: where to go then
 * @param {() => Promise<boolean>} saveWork true when leaving the page would lose nothing
 */
export function warnBeforeSessionEnds (dialog, saveWork) {
  const { sessionSeconds, endedUrl } = dialog.dataset
  const form = dialog.querySelector('[data-stay]')
  const message = dialog.querySelector('[data-message]')
  const tabs = new BroadcastChannel('session')
  let endsAt = 0
  const secondsLeft = () => (endsAt - Date.now()) / 1000

  function renew () {
    endsAt = Date.now() + Number(sessionSeconds) * 1000
    if (dialog.open) dialog.close()
  }

  function renewAndTell () {
    renew()
    tabs.postMessage('renewed')
  }

  async function stay (event) {
    event.preventDefault()
    freshenToken(form)
    try {
      const answer = await fetch(form.action, { method: 'POST', body: new FormData(form), redirect: 'manual' })
      if (!answer.ok) throw new Error(String(answer.status))
      renewAndTell()
    } catch {
      message.textContent = 'You may be signed out already. Sign in again in another tab, then come back to this page.'
    }
  }

  async function look () {
    if (secondsLeft() > WARN_SECONDS) return
    const losesNothing = await saveWork()
    if (secondsLeft() > WARN_SECONDS) return
    if (secondsLeft() <= 0 && losesNothing) {
      // Nothing of a case may stay on an unattended screen
      location.assign(endedUrl)
    } else if (!dialog.open) {
      dialog.showModal()
    } else if (secondsLeft() <= 0) {
      message.textContent = 'You have been signed out. This page still holds words that are not saved. ' +
        'Sign in again in another tab, then come back to this page and send them.'
    }
  }

  renewAndTell()
  tabs.addEventListener('message', renew)
  document.addEventListener('session:renewed', renewAndTell)
  form.addEventListener('submit', stay)
  dialog.addEventListener('cancel', stay)
  setInterval(look, 5000)
}
