import type { Style } from './format/style.ts';

/** A stream of the process, as far as commands need it. */
export interface Output {
  readonly isTerminal: boolean;
  /** Of the terminal now; 80 where there is none. */
  readonly columns: number;
  write(text: string): void;
  /** Aborts when nobody reads any more. */
  readonly closed: AbortSignal;
}

/** How what is written may look. */
export interface Looks {
  /** Columns that a line may take; Infinity where nothing reads widths. */
  readonly width: number;
  readonly style: Style;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** https://no-color.org: "when present and not an empty string (regardless of its value), prevents the addition of ANSI color". */
export function isPlain(output: Pick<Output, 'isTerminal'>, environment: Environment): boolean {
  const { NO_COLOR: noColor = '', TERM: term } = environment;
  return !output.isTerminal || noColor !== '' || term === 'dumb';
}

/** Node types these as always there; they are absent where it is no terminal. */
type TerminalStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** The stream of this process. Text that nobody reads is no error. */
export function processOutput(stream: TerminalStream): Output {
  const closed = new AbortController();
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    closed.abort(error);
  });
  return {
    isTerminal: stream.isTTY === true,
    get columns() {
      // Some terminals do not tell, and say 0.
      const { columns = 0 } = stream;
      return columns > 0 ? columns : 80;
    },
    write: (text) => {
      if (!closed.signal.aborted) stream.write(text);
    },
    closed: closed.signal,
  };
}
