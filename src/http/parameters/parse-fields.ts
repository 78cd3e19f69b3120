import type { FieldSelection } from './field-selection.ts';
import { noMatchingFields, tooMuchOverlap } from './fields-error.ts';
import type { FieldsLimits } from './limits.ts';
import { selectionOverlap } from './selection-overlap.ts';

/** A mark of the grammar, a name between backquotes, or a name. */
const TOKENS = /[,()/.]|`[^`]+`|[^,()/.`]+/g;

/**
 * Reads a selection: `a,b` are both, `a/b` and `a.b` are of a field, `a(b,c)` several of one, `*` every member. A name that holds such a
 * mark stands between backquotes, as the key of a map may. An empty item, as a comma at the end leaves it, is none.
 *
 * @throws StatusError INVALID_ARGUMENT for what is not of the grammar, is too long, has too many steps, or selects the same in too many ways.
 */
export function parseFields(text: string, { lengthMax, depthMax, overlapMax }: FieldsLimits): FieldSelection {
  const tokens = text.length > lengthMax ? [] : (text.match(TOKENS) ?? []);
  const parser = new Parser(depthMax);
  const isRead = tokens.join('') === text && tokens.every((token) => parser.takes(token)) && parser.ends();
  if (!isRead) throw noMatchingFields(text);
  if (selectionOverlap(parser.root) > overlapMax) throw tooMuchOverlap(overlapMax);
  return parser.root;
}

interface Growing extends FieldSelection {
  isWhole: boolean;
  readonly members: Map<string, Growing>;
  each?: Growing;
}

/** A message that is being selected from, and how deep it is. */
interface Place {
  readonly selection: Growing;
  readonly depth: number;
}

/** What came last: the start of an item, a mark between steps, a name, or the end of a group. */
type State = 'item' | 'step' | 'name' | 'group';

class Parser {
  readonly root = nothing();
  readonly #depthMax: number;
  readonly #groups: [Place, ...Place[]] = [{ selection: this.root, depth: 0 }];
  #at: Place = this.#groups[0];
  #state: State = 'item';

  constructor(depthMax: number) {
    this.#depthMax = depthMax;
  }

  /** @returns false when the token may not stand here. */
  takes(token: string): boolean {
    if (token === ',') return this.#endItem('item');
    if (token === '(') return this.#openGroup();
    if (token === ')') return this.#closeGroup();
    if (token === '/' || token === '.') return this.#go('name', 'step');
    return this.#step(token);
  }

  ends(): boolean {
    return this.#endItem('item') && this.#groups.length === 1;
  }

  #go(from: State, to: State): boolean {
    if (this.#state !== from) return false;
    this.#state = to;
    return true;
  }

  #endItem(next: State): boolean {
    if (this.#state === 'step') return false;
    if (this.#state === 'name') this.#at.selection.isWhole = true;
    this.#at = this.#groups.at(-1) ?? this.#groups[0];
    this.#state = next;
    return true;
  }

  #openGroup(): boolean {
    this.#groups.push(this.#at);
    return this.#go('name', 'item');
  }

  #closeGroup(): boolean {
    const isOfName = this.#groups.length > 1;
    return isOfName && this.#endItem('group') && !isEmpty(this.#groups.pop()?.selection);
  }

  #step(token: string): boolean {
    const { selection, depth } = this.#at;
    if (this.#state === 'name' || this.#state === 'group' || depth === this.#depthMax) return false;
    this.#at = { selection: memberOf(selection, token), depth: depth + 1 };
    this.#state = 'name';
    return true;
  }
}

function nothing(): Growing {
  return { isWhole: false, members: new Map() };
}

function isEmpty(selection: Growing | undefined): boolean {
  return selection?.members.size === 0 && selection.each === undefined;
}

function memberOf(selection: Growing, token: string): Growing {
  if (token === '*') return (selection.each ??= nothing());
  const name = token.startsWith('`') ? token.slice(1, -1) : token;
  const known = selection.members.get(name);
  if (known !== undefined) return known;
  const member = nothing();
  selection.members.set(name, member);
  return member;
}
