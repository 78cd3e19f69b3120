/** Writes docs/conformance.md from the cases. */
import { writeFileSync } from 'node:fs';
import { conformancePage } from './conformance-table.ts';

writeFileSync(new URL('../../docs/conformance.md', import.meta.url), conformancePage());
