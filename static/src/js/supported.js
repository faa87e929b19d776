// Loaded first in <body>, so that folding menus do not jump: tells the style sheet that scripts run (GOV.UK Frontend's own test).
document.body.classList.add('js-enabled')
if ('noModule' in HTMLScriptElement.prototype) document.body.classList.add('govuk-frontend-supported')
