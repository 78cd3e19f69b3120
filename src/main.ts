import { enableCompileCache } from 'node:module';
import { dirname } from 'node:path';

const { directory } = enableCompileCache();
// Threads enable it only by their environment. What is named there gets a folder for each version of Node below it.
if (directory !== undefined) process.env['NODE_COMPILE_CACHE'] ??= dirname(directory);
const { runCommand } = await import('./command.ts');
process.exitCode = await runCommand(process.argv.slice(2));
