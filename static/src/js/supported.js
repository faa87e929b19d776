// Loaded first in <body>, so that nothing jumps under somebody's thumb: tells the style sheet that scripts run (GOV.UK
// Frontend's own test), and that those which fold the menu and questions are still on their way (_shell.scss).
document.body.classList.add('js-enabled')
if ('noModule' in HTMLScriptElement.prototype) {
  document.body.classList.add('govuk-frontend-supported', 'app-scripts-coming')
  // They have run by then; or they did not arrive, and what they would have folded must show
  window.addEventListener('load', () => document.body.classList.remove('app-scripts-coming'))
}
