// Two minutes before the server ends an idle session: save the open form, then ask. Activity in another tab counts too,
// since every answer of the server renews the session: tabs tell each other over a channel that carries no words.
// Two minutes before the longest time is over the form is saved as well, and the person is told: that cannot be renewed.

import { freshenToken } from './token.js'

const WARN_SECONDS = 120

/**
 * @param {HTMLDialogElement} dialog holds the form that renews the session; data-session-seconds: idle seconds until it
 *   ends; data-session-seconds-left: seconds until it ends however busy it is; data-ended-url: where to go then
 * @param {() => Promise<boolean>} saveWork true when leaving the page would lose nothing
 */
export function warnBeforeSessionEnds (dialog, saveWork) {
  const { sessionSeconds, sessionSecondsLeft, endedUrl } = dialog.dataset
  const lastEnd = Date.now() + Number(sessionSecondsLeft) * 1000
  const form = dialog.querySelector('[data-stay]')
  const message = dialog.querySelector('[data-message]')
  const lastMessage = dialog.querySelector('[data-last-message]')
  const tabs = new BroadcastChannel('session')
  let endsAt = 0
  let isTold = false
  const secondsLeft = () => (endsAt - Date.now()) / 1000

  function renew () {
    endsAt = Math.min(Date.now() + Number(sessionSeconds) * 1000, lastEnd)
    if (dialog.open && endsAt < lastEnd) dialog.close()
  }

  function renewAndTell () {
    renew()
    tabs.postMessage('renewed')
  }

  async function stay (event) {
    event.preventDefault()
    if (isTold) return dialog.close()
    freshenToken(form)
    try {
      const answer = await fetch(form.action, { method: 'POST', body: new FormData(form), redirect: 'manual' })
      if (!answer.ok) throw new Error(String(answer.status))
      renewAndTell()
    } catch {
      message.textContent = 'You may be signed out already. Sign in again in another tab, then come back to this page.'
    }
  }

  function sayItIsTheLast () {
    message.hidden = true
    lastMessage.hidden = false
    form.querySelector('button').textContent = 'Go on for 2 minutes'
  }

  async function look () {
    if (secondsLeft() > WARN_SECONDS) return
    const losesNothing = await saveWork()
    if (secondsLeft() > WARN_SECONDS) return
    const isOver = secondsLeft() <= 0
    if (isOver && losesNothing) {
      // Nothing of a case may stay on an unattended screen
      location.assign(endedUrl)
    } else if (isOver) {
      message.hidden = false
      message.textContent = 'You have been signed out. This page still holds words that are not saved. ' +
        'Sign in again in another tab, then come back to this page and send them.'
      lastMessage.hidden = true
      if (!dialog.open) dialog.showModal()
    } else if (!dialog.open && !isTold) {
      isTold = endsAt === lastEnd
      if (isTold) sayItIsTheLast()
      dialog.showModal()
    }
  }

  renewAndTell()
  tabs.addEventListener('message', renew)
  document.addEventListener('session:renewed', renewAndTell)
  form.addEventListener('submit', stay)
  dialog.addEventListener('cancel', stay)
  setInterval(look, 5000)
}
