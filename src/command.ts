import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { runCommandLine } from './cli/run-command-line.ts';
import type { CommandContext } from './cli/command-context.ts';
import { ExitStatus } from './cli/exit-status.ts';
import { processOutput, type Output } from './cli/terminal.ts';
import { systemClock } from './core/clock.ts';
import { watchStopSignals } from './stop-signals.ts';

/**
 * Runs one command line, with all that commands may use of this process and of its parts. What is not needed by every command is loaded
 * by the one that needs it, so that the rest start at once.
 *
 * @returns the exit status, as cli/exit-status.ts has them.
 */
export function runCommand(args: readonly string[]): Promise<number> {
  return runCommandLine(args, processContext());
}

function processContext(): CommandContext {
  let stdout: Output | undefined;
  let stderr: Output | undefined;
  return {
    // Made when first written to: `serve` writes its log past them.
    get stdout() {
      return (stdout ??= processOutput(process.stdout));
    },
    get stderr() {
      return (stderr ??= processOutput(process.stderr));
    },
    environment: process.env,
    directory: process.cwd(),
    homeDirectory: homedir(),
    clock: systemClock,
    version: version(),
    watchInterrupts: watchStopSignals,
    startSidecar: async (settings) => (await import('./embedded-sidecar.ts')).startEmbeddedSidecar(settings),
    serve: async (args) => (await import('./serve.ts')).serve(args),
    conformance: async (args, { stdout, stderr }) => {
      const { runConformance } = await import('./conformance/run-conformance.ts');
      return runConformance(args, { stdout, stderr, stop: stopOfConformance() });
    },
  };
}

/** The first SIGINT or SIGTERM lets the run remove what it has made; a later one ends the process, and leaves that. */
function stopOfConformance(): AbortSignal {
  const stop = new AbortController();
  const { asked, forced } = watchStopSignals();
  void asked.then((signal) => {
    stop.abort(new Error(`stopped by ${signal}`));
  });
  forced.addEventListener('abort', () => process.exit(ExitStatus.INTERRUPTED), { once: true });
  return stop.signal;
}

function version(): string {
  // The same step up from src/ and from dist/.
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  };
  return manifest.version;
}
