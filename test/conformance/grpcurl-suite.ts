import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SidecarProcess } from '../support/sidecar-process.ts';
import { check } from './check.ts';
import { runCommand, succeeds } from './command.ts';
import { install } from './install.ts';
import type { Report } from './report.ts';
import { MissingToolError, type Suite, type Workspace } from './suite.ts';

/** Its reflection client and its JSON are Go's, made by others than buf's. */
const GRPCURL = 'github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.4';

const OPERATIONS = 'google.longrunning.Operations';
const TRANSFERS = 'google.storagetransfer.v1.StorageTransferService';

/** grpcurl without any .proto: all it knows is from server reflection. */
export const grpcurlSuite: Suite = {
  name: 'grpcurl',

  async prepare({ directory }: Workspace) {
    if (!(await succeeds('go', ['version'], { timeoutMs: 60_000 }))) throw new MissingToolError('needs go');
    await install('grpcurl', ['go', 'install', GRPCURL], { directory, environment: { GOBIN: directory } });
    return async (report: Report) => {
      const sidecar = await SidecarProcess.start([`--posix-root=${directory}`, '--database=memory:']);
      try {
        await checkReflection(directory, new Grpcurl(join(directory, 'grpcurl'), sidecar.grpc), report);
      } finally {
        sidecar.signal('SIGKILL');
        await sidecar.exited();
      }
    };
  },
};

async function checkReflection(directory: string, grpcurl: Grpcurl, report: Report): Promise<void> {
  await check(report, 'grpcurl lists the services and their methods', async () => {
    mustContain(await grpcurl.run('list'), [OPERATIONS, TRANSFERS, 'grpc.reflection.v1.ServerReflection']);
    mustContain(await grpcurl.run('list', OPERATIONS), [`${OPERATIONS}.WaitOperation`]);
  });
  await check(report, 'grpcurl describes a method with its custom options, and a message with its oneof', async () => {
    mustContain(await grpcurl.run('describe', `${OPERATIONS}.GetOperation`), [
      'google.api.http',
      '/v1/{name=operations/**}',
    ]);
    mustContain(await grpcurl.run('describe', 'google.longrunning.Operation'), [
      'oneof result',
      '.google.rpc.Status error = 4;',
    ]);
  });
  await check(report, 'grpcurl knows offline what it wrote to a set of descriptors', async () => {
    const set = join(directory, 'set.binpb');
    await grpcurl.run('-protoset-out', set, 'describe', TRANSFERS);
    mustContain(await grpcurl.offline(set, 'describe', 'google.storagetransfer.v1.TransferOperation'), [
      'TransferCounters counters = 7;',
    ]);
  });
  await check(report, 'grpcurl shows the ErrorInfo of a refused call', async () => {
    const { output } = await grpcurl.call(`${OPERATIONS}/GetOperation`, { name: 'operations/none' });
    mustContain(output, [
      'Code: NotFound',
      'type.googleapis.com/google.rpc.ErrorInfo',
      '"reason": "OPERATION_NOT_FOUND"',
    ]);
  });
  await check(report, 'grpcurl runs a transfer, and shows its metadata and response', async () => {
    const { output } = await grpcurl.call(`${OPERATIONS}/WaitOperation`, await runTransfer(directory, grpcurl));
    mustContain(output, [
      '"@type": "type.googleapis.com/google.storagetransfer.v1.TransferOperation"',
      '"status": "SUCCESS"',
      '"objectsCopiedToSink": "1"',
      '"@type": "type.googleapis.com/google.protobuf.Empty"',
    ]);
  });
}

/** Starts a transfer of one file. @returns what WaitOperation is asked. */
async function runTransfer(
  directory: string,
  grpcurl: Grpcurl,
): Promise<{ readonly name: string; readonly timeout: string }> {
  const source = join(directory, 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'file'), 'content');
  const transferSpec = {
    posixDataSource: { rootDirectory: source },
    posixDataSink: { rootDirectory: join(directory, 'sink') },
  };
  const name = 'transferJobs/grpcurl';
  const transferJob = { name, projectId: 'demo', status: 'ENABLED', transferSpec };
  await grpcurl.call(`${TRANSFERS}/CreateTransferJob`, { transferJob });
  const { output } = await grpcurl.call(`${TRANSFERS}/RunTransferJob`, { jobName: name, projectId: 'demo' });
  const operation = JSON.parse(output) as { readonly name: string };
  return { name: operation.name, timeout: '120s' };
}

class Grpcurl {
  readonly #program: string;
  readonly #address: string;

  constructor(program: string, address: string) {
    this.#program = program;
    this.#address = address;
  }

  /** Flags, then a command of grpcurl with its parameters. @throws Error unless it succeeds. */
  async run(...parameters: readonly string[]): Promise<string> {
    const command = parameters.findIndex((parameter) => parameter === 'list' || parameter === 'describe');
    return this.#must([...parameters.slice(0, command), '-plaintext', this.#address, ...parameters.slice(command)]);
  }

  /** By a set of descriptors instead of a server. */
  offline(set: string, ...parameters: readonly string[]): Promise<string> {
    return this.#must(['-protoset', set, ...parameters]);
  }

  /** Its status is that of the call. */
  call(method: string, request: object): Promise<{ readonly status: number | null; readonly output: string }> {
    return this.#run(['-plaintext', '-d', JSON.stringify(request), this.#address, method]);
  }

  async #must(parameters: readonly string[]): Promise<string> {
    const { status, output } = await this.#run(parameters);
    if (status !== 0) throw new Error(`grpcurl ${parameters.join(' ')} ended with ${String(status)}:\n${output}`);
    return output;
  }

  #run(parameters: readonly string[]): Promise<{ readonly status: number | null; readonly output: string }> {
    return runCommand(this.#program, parameters, { timeoutMs: 140_000 });
  }
}

/** Go's JSON has one blank after a colon, or two, at random. */
function mustContain(output: string, texts: readonly string[]): void {
  const said = output.replace(/ +/g, ' ');
  const missing = texts.filter((text) => !said.includes(text));
  if (missing.length > 0) throw new Error(`nothing says ${missing.join(' or ')}:\n${output}`);
}
