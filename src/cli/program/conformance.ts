import type { Command } from 'commander';

const AFTER = `
Where the server has longrunning.control.v1.OperationControl the suite makes
its operations with it, and removes them. What no operation could be found for
is skipped, and says so. docs/conformance.md has the cases.

Exit status: 0 nothing failed; 1 a case failed, or the run took too long; 2
wrong use, or no server; 130 it was stopped, by Ctrl-C for instance: what it
has made is removed.

Examples:
  longrunning conformance 127.0.0.1:50051 --profile longrunning
  longrunning conformance 127.0.0.1:9000 --operation operations/1 --only 'get-*'`;

/** `conformance`, for help and completion only: its flags are read where the suite is. */
export function addConformanceCommand(program: Command): void {
  program
    .command('conformance')
    .description('test any server of google.longrunning.Operations')
    .argument('<address>', 'HOST:PORT or unix:PATH of a gRPC server without TLS')
    .option('--collection <name...>', 'a list of operations to look at; may repeat (operations)')
    .option('--operation <name...>', 'an operation that is there, only to be looked at; may repeat')
    .option('--expendable <name...>', 'a running operation that may be cancelled and deleted; may repeat')
    .option('--posix-directory <directory>', "also transfers within it: in one of the sidecar's posix roots")
    .option('--project <id>', 'of these transfers (conformance)')
    .option('--filters <language>', 'aip-160, transfer-json or none (by the collection)')
    .option('--profile <name>', 'standard, or longrunning: also what it promises beyond (standard)')
    .option('--only <pattern...>', 'cases to run, by id, with *; may repeat (all)')
    .option('--skip <pattern...>', 'cases to leave out, by id, with *; may repeat')
    .option('--timeout <duration>', 'of one call (10s)')
    .option('--run-timeout <duration>', 'of the run: no case begins after it (10m)')
    .option('--json', 'one JSON object, for programs')
    .addHelpText('after', AFTER);
}
