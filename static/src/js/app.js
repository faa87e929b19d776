// Improvements only: every page works without this file.
import { initAll } from './govuk-frontend.min.js'
import { startAutosave, watch } from './autosave.js'
import { revealWhen } from './reveal.js'
import { freshenToken } from './token.js'
import { warnBeforeSessionEnds } from './session-warning.js'

initAll()
document.querySelectorAll('form [data-shown-when]').forEach(revealWhen)

// A form sent twice makes one concern: the server sees to that; here the second press is not even sent.
// Downloads leave the page as it is, so a form may be sent again after five seconds.
document.addEventListener('submit', (event) => {
  const form = event.target
  if (event.defaultPrevented || form.getAttribute('method') !== 'post') return
  if (form.dataset.sent) {
    event.preventDefault()
    return
  }
  form.dataset.sent = 'yes'
  freshenToken(form)
  setTimeout(() => delete form.dataset.sent, 5000)
})
window.addEventListener('pageshow', () => {
  document.querySelectorAll('form[data-sent]').forEach((form) => delete form.dataset.sent)
})

// allauth's scripts for security keys say on the console only that a key was not read; people need to see it
document.addEventListener('allauth.error', (event) => {
  const status = document.querySelector('[data-key-status]')
  if (!status) return
  event.preventDefault()
  status.textContent = 'We could not read your key or passkey. Try again, or use another way.'
})

const forms = [...document.querySelectorAll('main form[method="post"]')]
const saves = forms.map((form) => form.dataset.autosaveUrl ? startAutosave(form) : watch(form))
const dialog = document.querySelector('dialog[data-session-seconds]')
if (dialog) {
  warnBeforeSessionEnds(dialog, async () => (await Promise.all(saves.map((save) => save()))).every(Boolean))
}
