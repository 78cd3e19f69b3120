/** A variable of a path template and the segments it stands for. */
export interface PathVariable {
  /** Its field in the proto's own words, such as `agent_pool.name`. */
  readonly field: string;
  /** Index of its first segment. */
  readonly start: number;
  /** Index behind its last one; undefined where that is the path's end, as `**` takes all that is left. */
  readonly end: number | undefined;
  /** Whether its pattern is more than one `*`: a `/` within it is one, and so `%2F` stays as it is (google/api/http.proto). */
  readonly isMulti: boolean;
}

/** A path template of google/api/http.proto, taken apart. */
export interface PathTemplate {
  readonly text: string;
  /** Literals, `*` for one segment, and `**` for zero or more, which is the last. */
  readonly segments: readonly string[];
  /** What stands behind the colon. */
  readonly verb: string | undefined;
  readonly variables: readonly PathVariable[];
}

const VERB = /:([A-Za-z][A-Za-z0-9_-]*)$/;
const PIECE = /\{[^{}]*\}|[^/{}]+/g;
const VARIABLE = /^\{([a-z_][a-z0-9_.]*)(?:=([^=]+))?\}$/;
/** Unreserved characters alone: a literal is compared with the path as it was sent. */
const LITERAL = /^[A-Za-z0-9._~-]+$/;

/** @throws Error for a text that is none: templates are ours, or a package's. */
export function parsePathTemplate(text: string): PathTemplate {
  const verb = VERB.exec(text)?.[1];
  const path = verb === undefined ? text : text.slice(0, -verb.length - 1);
  const pieces = path.match(PIECE) ?? [];
  const segments: string[] = [];
  const variables: PathVariable[] = [];
  for (const piece of pieces) {
    const [, field, pattern = '*'] = VARIABLE.exec(piece) ?? [];
    const inner = field === undefined ? [piece] : pattern.split('/');
    if (field !== undefined) variables.push(variableOf(field, segments.length, inner));
    segments.push(...inner);
  }
  if (`/${pieces.join('/')}` !== path || !areSegments(segments)) throw new Error(`${text} is not a path template`);
  return { text, segments, verb, variables };
}

function variableOf(field: string, start: number, inner: readonly string[]): PathVariable {
  const isOpen = inner.at(-1) === '**';
  return { field, start, end: isOpen ? undefined : start + inner.length, isMulti: inner.length > 1 || isOpen };
}

function areSegments(segments: readonly string[]): boolean {
  return segments.every((segment, index) => {
    if (segment === '**') return index === segments.length - 1;
    return segment === '*' || LITERAL.test(segment);
  });
}
