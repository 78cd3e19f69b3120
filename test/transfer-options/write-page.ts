/** Writes docs/transfer-options.md from the tables. */
import { writeFileSync } from 'node:fs';
import { optionsPage } from './options-page.ts';

writeFileSync(new URL('../../docs/transfer-options.md', import.meta.url), optionsPage());
