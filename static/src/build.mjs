// Builds static/build/ from static/src/ and from govuk-frontend. Run by `npm run build`.

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compile } from 'sass'

const source = dirname(fileURLToPath(import.meta.url))
const root = join(source, '..', '..')
const target = join(root, 'static', 'build')

rmSync(target, { recursive: true, force: true })
mkdirSync(target, { recursive: true })

const styles = compile(join(source, 'scss', 'app.scss'), {
  style: 'compressed',
  loadPaths: [join(root, 'node_modules')],
  quietDeps: true
})
writeFileSync(join(target, 'app.css'), styles.css)

const govuk = join(root, 'node_modules', 'govuk-frontend', 'dist', 'govuk')
// Without its source map comment: the file that it names is not shipped, and collectstatic refuses a dead reference
const script = readFileSync(join(govuk, 'govuk-frontend.min.js'), 'utf8').replace(/\/\/# sourceMappingURL=.*$/m, '')
writeFileSync(join(target, 'govuk-frontend.min.js'), script)
cpSync(join(source, 'js'), target, { recursive: true })
cpSync(join(source, 'images'), join(target, 'images'), { recursive: true })
