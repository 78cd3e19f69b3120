import type { Clock } from '../core/clock.ts';
import type { Output } from './terminal.ts';

/** A sidecar that runs in this process, for one command. */
export interface EmbeddedSidecar {
  /** Where it answers. */
  readonly address: string;
  /** Aborts when it is broken. */
  readonly lost: AbortSignal;
  /** Hands work back and ends; `forced` ends every patience. */
  stop(forced: AbortSignal): Promise<void>;
}

export interface EmbeddedSettings {
  /** Directories that it may touch. */
  readonly posixRoots: readonly string[];
  /** `sqlite:PATH` or `memory:`. */
  readonly database: string;
  /** YAML with limits. */
  readonly config?: string;
  /** Called with each line of its log that is a warning or worse. */
  readonly warn: (message: string) => void;
}

/** Told by SIGINT or SIGTERM to stop. */
export interface Interrupts {
  /** Resolves with the first one. */
  readonly asked: Promise<NodeJS.Signals>;
  /** Aborts with a later one: stop waiting for anything. */
  readonly forced: AbortSignal;
}

/** What the commands get from outside: the process, and the parts that they may not import. */
export interface CommandContext {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The working directory. */
  readonly directory: string;
  readonly homeDirectory: string;
  readonly clock: Clock;
  readonly version: string;
  /** From then on the process does not end by itself on SIGINT and SIGTERM. */
  watchInterrupts(): Interrupts;
  /** @throws StatusError naming what is in the way; INVALID_SETTING for what only another setting can mend. */
  startSidecar(settings: EmbeddedSettings): Promise<EmbeddedSidecar>;
  /** `longrunning serve`. @returns the exit status. */
  serve(args: readonly string[]): Promise<number>;
  /** `longrunning conformance`. @returns the exit status. */
  conformance(args: readonly string[], output: Pick<CommandContext, 'stdout' | 'stderr'>): Promise<number>;
}
