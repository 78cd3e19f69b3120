/** Where a secret is: in an environment variable, or in a file that only its owner should read. It is read when it is needed. */
export type StoredSecret = { readonly env: string } | { readonly file: string };

/** The same, or the secret itself, as a request gave it for one transfer: no binding of the operator's is so. */
export type SecretReference = StoredSecret | { readonly given: string };

/** A directory in a bucket's place. Absolute; below one of the --posix-root. */
export interface DirectoryBinding {
  readonly kind: 'directory';
  readonly path: string;
}

/** What buckets of all services have. */
interface RemoteBinding {
  /** Its name at the service; the bound name unless given. */
  readonly bucket?: string;
  /** What the names of its objects begin with: '' or with a '/' at the end. */
  readonly prefix: string;
}

export interface GcsBinding extends RemoteBinding {
  readonly kind: 'gcs';
  /** Scheme, host and port; Google's own unless given. */
  readonly endpoint?: string;
  readonly credentials:
    | { readonly kind: 'none' }
    | { readonly kind: 'metadata-server' }
    | { readonly kind: 'service-account'; readonly key: SecretReference };
}

/** Who asks. */
interface S3Key {
  readonly accessKeyId: SecretReference;
  readonly secretAccessKey: SecretReference;
  readonly sessionToken?: SecretReference;
}

export interface S3Binding extends RemoteBinding, S3Key {
  readonly kind: 's3';
  readonly endpoint: string;
  readonly region: string;
  readonly isVirtualHosted: boolean;
}

/** A key for an endpoint that callers name: what is left open here they decide. */
export interface S3KeyBinding extends RemoteBinding, S3Key {
  readonly kind: 's3-key';
  readonly region?: string;
  readonly isVirtualHosted?: boolean;
  /** Serves the host by plain HTTP, where who is on the way reads and changes what passes; default false: by https alone. */
  readonly isInsecure?: boolean;
}

export interface AzureBinding extends RemoteBinding {
  readonly kind: 'azure';
  readonly account: string;
  /** Scheme, host and port; an emulator's has the account as its path. */
  readonly endpoint: string;
  readonly credentials:
    | { readonly kind: 'none' }
    | { readonly kind: 'account-key'; readonly key: SecretReference }
    | { readonly kind: 'sas'; readonly token: SecretReference };
}

/** A binding of something that is reached over the network. */
export type RemoteBucketBinding = GcsBinding | S3Binding | AzureBinding;

/** What stands behind a bucket's name in transfers, as the operator has decided. */
export type BucketBinding = DirectoryBinding | RemoteBucketBinding | S3KeyBinding;

/**
 * Bindings by name; `*` is for every name of a bucket that has none of its own.
 * Containers of Azure are named `ACCOUNT/CONTAINER`, or `ACCOUNT/*`,
 * buckets of endpoints that callers name `HOST:PORT/BUCKET`, or `HOST:PORT/*`, without the port where it is the scheme's own.
 */
export type BucketBindings = Readonly<Record<string, BucketBinding>>;
