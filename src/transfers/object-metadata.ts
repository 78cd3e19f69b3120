/**
 * What object stores keep beside an object's bytes: fixed headers and the owner's own pairs. Directory trees keep none of it.
 */
export interface ObjectMetadata {
  readonly contentType?: string;
  readonly cacheControl?: string;
  readonly contentDisposition?: string;
  readonly contentEncoding?: string;
  readonly contentLanguage?: string;
  /** Google Cloud Storage's customTime, milliseconds since the epoch. */
  readonly customTimeMs?: number;
  /** As the store spells it, such as `STANDARD_IA`. */
  readonly storageClass?: string;
  readonly temporaryHold?: boolean;
  /** Cloud KMS key or the store's like, by name. */
  readonly kmsKey?: string;
  /** Google Cloud Storage's access control list, in its order; only a store that was opened for it tells it. */
  readonly acl?: readonly AclEntry[];
  /** The owner's own pairs. Names are lower case, as HTTP carries them. */
  readonly custom: Readonly<Record<string, string>>;
}

/** Who may do what, as the service spells it: `user-a@example.com`, `READER`. */
export interface AclEntry {
  readonly entity: string;
  readonly role: string;
}

export const NO_METADATA: ObjectMetadata = Object.freeze({ custom: Object.freeze({}) });
