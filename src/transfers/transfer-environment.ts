import type { ActivityLog } from './activity-log.ts';
import type { ByteString } from './byte-string.ts';
import type { Copier } from './copier.ts';
import type { TransferLimits } from './limits.ts';
import type { ObjectStore } from './object-store.ts';
import type { Manifest, ManifestLocation } from './selection/manifest.ts';
import type { TransferRequest, TransferSpec } from './spec.ts';

/** Both ends of a transfer, opened and checked, and the way between them. */
export interface TransferEnds {
  readonly source: ObjectStore;
  readonly sink: ObjectStore;
  readonly copier: Copier;
  /** What URLs in samples begin with, such as `file:///data`; no '/' at the end. */
  readonly sourceUrl: string;
  readonly sinkUrl: string;
  /** Stands in journal entries, so that a janitor finds the sink again. */
  readonly sinkRoot: ByteString;
  close(): Promise<void>;
}

/** What is worth a log line or a metric and is no error. */
export interface TransferEvent {
  readonly kind: 'special-files-skipped' | 'staging-left';
  readonly count: number;
}

/** Makes it known, durably, that these keys are about to be written at the sink and are to be gone afterwards. */
export type AnnounceStaged = (keys: readonly ByteString[]) => Promise<void>;

export interface OpenTransferOptions {
  /** See ThreadTaskContext. */
  readonly word: Int32Array;
  /** For what a store itself writes at the sink to find out about it. */
  readonly announce: (sinkRoot: ByteString, keys: readonly ByteString[]) => Promise<void>;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/** How long somebody waits for a manifest. */
export interface OpenManifest {
  readonly signal: AbortSignal;
  /** Rows that are needed; all others are forgotten as they are read. */
  readonly isSelected: (key: ByteString) => boolean;
  /** Asked between rows. */
  readonly isWanted: () => boolean;
}

/** What a transfer needs from outside. */
export interface TransferEnvironment {
  readonly limits: TransferLimits;
  /** @throws StatusError when an end is missing, forbidden or no place for objects. */
  open(spec: TransferSpec, options: OpenTransferOptions): Promise<TransferEnds>;
  /** Where activities are written, if they are. */
  openLog?(request: TransferRequest, ends: Pick<TransferEnds, 'sourceUrl' | 'sinkUrl'>): ActivityLog | undefined;
  /**
   * Reads the manifest of a spec that has one; undefined when it is not wanted any more.
   * @throws StatusError when it is missing, forbidden or none.
   */
  openManifest?(location: ManifestLocation, ends: TransferEnds, options: OpenManifest): Promise<Manifest | undefined>;
  observe?(event: TransferEvent): void;
}
