import type { PathTemplate, PathVariable } from '../path-template.ts';

/** A parameter within a path. */
export interface PathParameter {
  readonly name: string;
  /** Whether its value may go on over slashes: OpenAPI has no form for that. */
  readonly isOpen: boolean;
}

export interface ExpandedPath {
  /** Such as `/v1/projects/{project}/agentPools/{agentPool}`. */
  readonly path: string;
  readonly parameters: readonly PathParameter[];
}

/** What a name or a parent without any literal of its own is taken to be: the owner of slow work has operations. */
const BARE_COLLECTION = 'operations';

/**
 * A path template in OpenAPI's form, where a parameter's value has no slash: a variable of several segments becomes its literals, with a
 * parameter for each `*`, named after the collection before it.
 *
 * A name that may be anything, `{name=**}`, is told as one of an operation, and such a parent as their collection.
 */
export function expandPath({ segments, variables, verb }: PathTemplate): ExpandedPath {
  const parameters: PathParameter[] = [];
  const pieces: string[] = [];
  let collection = '';
  for (const [index, segment] of segments.entries()) {
    if (segment !== '*' && segment !== '**') {
      pieces.push(segment);
      collection = segment;
      continue;
    }
    const variable = variables.find((each) => isWithin(each, index));
    if (segment === '**' && variable?.start === index) {
      pieces.push(BARE_COLLECTION);
      collection = BARE_COLLECTION;
      if (variable.field === 'parent') continue;
    }
    const name = variable?.isMulti === false ? ownName(variable) : singular(collection);
    const unique = parameters.some((each) => each.name === name) ? `${name}${String(index)}` : name;
    parameters.push({ name: unique, isOpen: segment === '**' });
    pieces.push(`{${unique}}`);
  }
  return { path: `/${pieces.join('/')}${verb === undefined ? '' : `:${verb}`}`, parameters };
}

function isWithin({ start, end = Number.POSITIVE_INFINITY }: PathVariable, index: number): boolean {
  return start <= index && index < end;
}

/** `project_id` → `projectId`. */
function ownName({ field }: PathVariable): string {
  const last = field.slice(field.lastIndexOf('.') + 1);
  return last.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** `agentPools` → `agentPool`; what is no plural gets an `Id`. */
function singular(collection: string): string {
  if (collection.endsWith('ies')) return collection.replace(/ies$/, 'y');
  if (/[^s]s$/.test(collection)) return collection.slice(0, -1);
  return `${collection}Id`;
}
