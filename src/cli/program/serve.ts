import type { Command } from 'commander';

const AFTER = `
Each is also an environment variable (LONGRUNNING_POSIX_ROOT) and a member of
the YAML file.

Examples:
  longrunning serve --posix-root /srv/data
  longrunning serve --grpc unix:/run/longrunning.sock --http off --config /etc/longrunning.yaml`;

/** `serve`, for help and completion only: its flags are read where all settings are. */
export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('run the sidecar until SIGTERM or SIGINT')
    .option('--grpc <address...>', 'HOST:PORT or unix:PATH where gRPC listens; may repeat (127.0.0.1:50051)')
    .option('--http <address>', 'HOST:PORT, unix:PATH or off: HTTP/JSON, /livez and /readyz (127.0.0.1:8080)')
    .option('--database <where>', 'sqlite:PATH or memory: (sqlite:./data/longrunning.db)')
    .option('--posix-root <directory...>', 'what transfers may touch; may repeat (none: no such transfer)')
    .option(
      '--agent-pool <pool...>',
      'whose transfers run here: projects/P/agentPools/ID, or default; may repeat (default)',
    )
    .option(
      '--activity-log <directory>',
      'where jobs that ask for it have their objects logged, or off (beside the database)',
    )
    .option(
      '--credentials-key <file>',
      'what seals credentials that requests bring; made on first use (beside the database)',
    )
    .option('--uploads <directory>', 'where files that are uploaded rest, or off (beside the database)')
    .option(
      '--sort-directory <directory>',
      'where listings and manifests that do not fit into memory are sorted (beside the database)',
    )
    .option('--drain-timeout <duration>', 'how long a stop may take (25s)')
    .option('--insecure', 'allow addresses that other machines reach, without TLS and authentication')
    .option('--config <file>', 'YAML with these settings, with limits and with surfaces')
    .addHelpText('after', AFTER);
}
