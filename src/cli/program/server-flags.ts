import { Option, type Command } from 'commander';

/** `--address` and `--json`, which every command that asks a server has. */
export function withServerOptions(command: Command): Command {
  return command
    .option('--address <address>', 'HOST:PORT or unix:PATH of the server (LONGRUNNING_ADDRESS, else 127.0.0.1:50051)')
    .option('--json', 'print JSON, one value a line');
}

export function projectOption(): Option {
  return new Option('--project <project>', 'the project id of jobs (LONGRUNNING_PROJECT, else default)');
}

export function overwriteOption(): Option {
  return new Option('--overwrite <when>', 'what to do with files that the destination has already')
    .choices(['different', 'never', 'always'])
    .default('different');
}
