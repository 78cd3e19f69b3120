/**
 * What a request gave, with which its source is to be read.
 *
 * Never logged, never in a message or an answer, and stored only sealed (CredentialsSeal); a thread gets those of its own transfer.
 */
export type SourceCredentials = AwsAccessKey | AzureSas;

export interface AwsAccessKey {
  readonly kind: 'aws-access-key';
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface AzureSas {
  readonly kind: 'azure-sas';
  /** The query of a shared access signature, without '?'. */
  readonly token: string;
}
