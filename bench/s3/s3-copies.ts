import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchContext } from '../frame/bench-context.ts';
import { isInstalled } from '../transfers/peers.ts';
import { TransferClient } from '../transfers/transfer-client.ts';
import { usageOfCommand, usageOfProcess, type Usage } from '../transfers/usage.ts';
import { S3_KEY, S3_PEERS, type S3PeerName } from './s3-peers.ts';

/** Who copies between directories and S3. */
export type S3Copier = 'sidecar' | S3PeerName;

export interface S3Copy {
  /** Whether a file that came from S3 gets the time that its object tells. */
  readonly keepsTimes: boolean;
  /** From a directory to the objects of the bucket `summed` below a path, which ends with a slash. */
  upload(source: string, path: string): Promise<Usage>;
  /** From the objects of the bucket `made` below a path to a directory that does not exist. */
  download(path: string, sink: string): Promise<Usage>;
}

/** All who can copy here: peers that are not installed are missing. */
export type S3Copies = Readonly<Partial<Record<S3Copier, S3Copy>>>;

/** @param root  what all directories are below. @param endpoint  of the server; see null-s3.ts. */
export async function startS3Copies(context: BenchContext, root: string, endpoint: string): Promise<S3Copies> {
  const installed = (Object.keys(S3_PEERS) as S3PeerName[]).filter((name) => isInstalled(S3_PEERS[name]));
  return {
    sidecar: await startSidecar(context, root, endpoint),
    ...Object.fromEntries(installed.map((name) => [name, copyOfPeer(name, endpoint)])),
  };
}

function copyOfPeer(name: S3PeerName, endpoint: string): S3Copy {
  const { keepsTimes, upload, download } = S3_PEERS[name];
  return {
    keepsTimes,
    upload: (source, path) => usageOfCommand(upload(endpoint, source, path)),
    download: (path, sink) => usageOfCommand(download(endpoint, path, sink)),
  };
}

/** The real sidecar: the config file binds the buckets, files hold the key. */
async function startSidecar(context: BenchContext, root: string, endpoint: string): Promise<S3Copy> {
  const directory = context.directory('config');
  const secret = (name: string, text: string): { readonly file: string } => {
    const file = join(directory, name);
    writeFileSync(file, `${text}\n`, { mode: 0o600 });
    return { file };
  };
  const binding = {
    kind: 's3',
    endpoint,
    region: S3_KEY.region,
    'access-key-id': secret('id', S3_KEY.accessKeyId),
    'secret-access-key': secret('key', S3_KEY.secretAccessKey),
  };
  const config = join(directory, 'config.yaml');
  // JSON is YAML. The others leave it to the system when files are written to the disk.
  const limits = { transfers: { durability: 'none' } };
  writeFileSync(config, JSON.stringify({ buckets: { made: binding, summed: binding }, limits }));
  const sidecar = await context.sidecar(['--config', config, '--posix-root', root]);
  const client = new TransferClient(sidecar.grpc);
  context.atEnd(() => client.close());
  return {
    keepsTimes: true,
    upload: (source, path) =>
      usageOfProcess(sidecar.pid, () => client.transfer(source, { bucketName: 'summed', path })),
    download: (path, sink) => usageOfProcess(sidecar.pid, () => client.transfer({ bucketName: 'made', path }, sink)),
  };
}
