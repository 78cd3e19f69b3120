/**
 * Makes of package/, where dist/ was built, what is published: `npm run package`, then `npm publish ./package`.
 *
 * The tree itself is private. Its optional dependencies bring Node 24 for its own scripts; in somebody's project they would put that Node
 * first in the PATH of theirs.
 */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What of the manifest concerns those who install the package. */
const KEPT = [
  'name',
  'version',
  'description',
  'keywords',
  'license',
  'type',
  'engines',
  'bin',
  'exports',
  'dependencies',
] as const;

// The README and its pages lead to docs and examples.
const SHIPPED = ['protos', 'docs', 'examples', 'LICENSE', 'README.md', 'CHANGELOG.md'];

const root = fileURLToPath(new URL('..', import.meta.url));
const target = join(root, 'package');

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Readonly<Record<string, unknown>>;
for (const name of SHIPPED) cpSync(join(root, name), join(target, name), { recursive: true });
const kept = Object.fromEntries(KEPT.flatMap((name) => (name in manifest ? [[name, manifest[name]]] : [])));
writeFileSync(join(target, 'package.json'), `${JSON.stringify(kept, undefined, 2)}\n`);
