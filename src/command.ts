import { readFileSync } from 'node:fs';
import { serve } from './serve.ts';

const USAGE = `longrunning: real long-running operations as a sidecar

  longrunning serve [flags]   runs the sidecar until SIGTERM or SIGINT
  longrunning --version

Flags of serve; each is also an environment variable (LONGRUNNING_POSIX_ROOT) and a member of the YAML file:
  --grpc HOST:PORT|unix:PATH       where gRPC listens; may repeat           (127.0.0.1:50051)
  --http HOST:PORT|unix:PATH|off   where /livez and /readyz are             (127.0.0.1:8080)
  --database sqlite:PATH|memory:   where operations are kept                (sqlite:./data/longrunning.db)
  --posix-root DIRECTORY           what transfers may touch; may repeat     (none: no such transfer)
  --drain-timeout DURATION         how long a stop may take                 (25s)
  --insecure                       allow addresses that other machines reach, without TLS and authentication
  --config FILE                    YAML with these settings, with limits and with surfaces
`;

const HELP: ReadonlySet<string> = new Set(['--help', '-h', 'help']);

/** Runs one command line. @returns the exit status: 0 done, 1 it failed, 2 the command line or a setting is wrong. */
export async function runCommand(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  if (command === 'serve' && !rest.some((word) => HELP.has(word))) return serve(rest);
  if (command === '--version') return print(process.stdout, `longrunning ${version()}\n`, 0);
  if (command === 'serve' || HELP.has(command ?? '')) return print(process.stdout, USAGE, 0);
  return print(
    process.stderr,
    `longrunning: unknown command ${JSON.stringify(command ?? '')}; see longrunning --help\n`,
    2,
  );
}

function print(stream: NodeJS.WriteStream, text: string, status: number): number {
  stream.write(text);
  return status;
}

function version(): string {
  // The same step up from src/ and from dist/.
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  };
  return manifest.version;
}
