import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import { parsePathTemplate, type PathTemplate } from './path-template.ts';

/** A path as it was sent, taken apart. */
export interface SplitPath {
  readonly segments: readonly string[];
  readonly verb: string | undefined;
}

export interface RouteMatch<Target> {
  readonly target: Target;
  readonly template: PathTemplate;
  /** Of the path, as they were sent: still encoded. */
  readonly segments: readonly string[];
}

interface Entry<Target> {
  readonly target: Target;
  readonly template: PathTemplate;
}

/** What ends at one place of the tree, by HTTP method and verb. */
type Entries<Target> = Map<string, Entry<Target>>;

interface Node<Target> {
  readonly literals: Map<string, Node<Target>>;
  star: Node<Target> | undefined;
  /** Of templates that end here. */
  readonly entries: Entries<Target>;
  /** Of templates that go on with `**`. */
  readonly rest: Entries<Target>;
}

/**
 * Finds what serves a path by templates of google/api/http.proto: at each segment a literal before `*`, that before `**`.
 *
 * Paths are matched as they were sent, undecoded. Takes time linear to the path and to the number of templates at most.
 */
export class Router<Target> {
  readonly #root: Node<Target> = emptyNode();
  readonly #verbs = new Set<string>();
  readonly #methods = new Set<string>();
  readonly #targets: Target[] = [];

  /** @throws Error when the template is none; StatusError (reason PATHS_TAKEN) when another one takes the same paths by the same method. */
  add(method: string, path: string, target: Target): void {
    const template = parsePathTemplate(path);
    const { segments, verb } = template;
    let node = this.#root;
    for (const segment of segments) if (segment !== '**') node = childOf(node, segment);
    const entries = segments.at(-1) === '**' ? node.rest : node.entries;
    const key = keyOf(method, verb);
    const taken = entries.get(key);
    if (taken !== undefined) throw pathsTaken(method, path, taken.template.text);
    entries.set(key, { target, template });
    this.#methods.add(method);
    this.#targets.push(target);
    if (verb !== undefined) this.#verbs.add(verb);
  }

  /** All that were added, in their order. */
  get targets(): readonly Target[] {
    return this.#targets;
  }

  find(method: string, path: string): RouteMatch<Target> | undefined {
    const split = this.#split(path);
    const entry = split && search(this.#root, { ...split, key: keyOf(method, split.verb) }, 0);
    return split && entry && { ...entry, segments: split.segments };
  }

  /** The methods by which a path is served; none when it is not. */
  methodsOf(path: string): readonly string[] {
    return [...this.#methods].filter((method) => this.find(method, path) !== undefined);
  }

  /** @returns undefined for a path with an empty segment in it; trailing ones are dropped. */
  #split(path: string): SplitPath | undefined {
    const colon = path.lastIndexOf(':');
    const isVerb = colon > path.lastIndexOf('/') && this.#verbs.has(path.slice(colon + 1));
    const segments = (isVerb ? path.slice(0, colon) : path).split('/');
    while (segments.at(-1) === '') segments.pop();
    // What stands before the first slash.
    if (segments.shift() !== '' || segments.includes('')) return undefined;
    return { segments, verb: isVerb ? path.slice(colon + 1) : undefined };
  }
}

/** Rules of ours never do that; surfaces of a deployment's own may. */
function pathsTaken(method: string, path: string, other: string): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, `${method} ${path} takes the paths of ${other}; give it other names`, {
    reason: 'PATHS_TAKEN',
    metadata: { method, path, other },
  });
}

interface Sought {
  readonly segments: readonly string[];
  readonly key: string;
}

/** Looks at each node at most once, as a node's depth is the index of its segment. */
function search<Target>(node: Node<Target>, sought: Sought, index: number): Entry<Target> | undefined {
  const segment = sought.segments[index];
  if (segment === undefined) return node.entries.get(sought.key) ?? node.rest.get(sought.key);
  const literal = node.literals.get(segment);
  return (
    (literal && search(literal, sought, index + 1)) ??
    (node.star && search(node.star, sought, index + 1)) ??
    node.rest.get(sought.key)
  );
}

function childOf<Target>(node: Node<Target>, segment: string): Node<Target> {
  if (segment === '*') return (node.star ??= emptyNode());
  const known = node.literals.get(segment) ?? emptyNode<Target>();
  node.literals.set(segment, known);
  return known;
}

function emptyNode<Target>(): Node<Target> {
  return { literals: new Map(), star: undefined, entries: new Map(), rest: new Map() };
}

function keyOf(method: string, verb: string | undefined): string {
  return verb === undefined ? method : `${method}:${verb}`;
}
