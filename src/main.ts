#!/usr/bin/env node
/** The oldest Node that has what is used here: major and minor. */
const NODE_MIN = [22, 19] as const;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1])) {
  process.stderr.write(
    `longrunning: this is Node ${process.versions.node}; ${NODE_MIN.join('.')} or newer is needed\n`,
  );
  process.exit(2);
}
// Later than the check: an older Node fails on imports that it lacks.
const nodeModule = await import('node:module');
const path = await import('node:path');
nodeModule.enableCompileCache();
// Threads enable it only by their environment. What is named there gets a folder for each version of Node below it: this is that folder.
const directory = nodeModule.getCompileCacheDir();
if (directory !== undefined) process.env['NODE_COMPILE_CACHE'] ??= path.dirname(directory);
const { runCommand } = await import('./command.ts');
process.exitCode = await runCommand(process.argv.slice(2));

export {};
