import { nextTurn } from '../../core/next-turn.ts';
import { TurnBudget } from '../../core/turn-budget.ts';
import { jsonText } from '../../schema/json/json-text.ts';
import { jsonMembers, type Json, type JsonObject } from '../../schema/message-json.ts';
import type { Message } from '../../schema/protos.ts';

export type TextForm = 'compact' | 'indented';

/** JSON that is made in one turn of the event loop, characters: some 2 ms of work, where a page of 4 MiB takes 150. */
const TURN_CHARACTERS = 64 * 1024;
/** What a character takes until its page is answered, bytes: it stands in the text of its element, and in that of the page. */
const BYTES_A_CHARACTER = 2;

export interface ListTextOptions {
  readonly show: (message: Message) => Json;
  readonly form: TextForm;
  readonly hold: (count: number) => void;
}

/**
 * The text of a message's JSON, as `jsonText(show(message), form)` has it. Other calls have their turns between the elements of its lists: who
 * reads a long page is not to hold up a cancel.
 *
 * @param name  the message's full name.
 * @param show  the JSON of a message of this type. Called with its elements one at a time, too.
 * @param hold  told of what is held while it is written, bytes, as it grows; what it throws ends it.
 */
export async function listText(name: string, message: Message, options: ListTextOptions): Promise<string> {
  const { show, form } = options;
  const turns = new TurnBudget(nextTurn, TURN_CHARACTERS);
  const members = jsonMembers(name);
  const lists = new Map(members.filter(({ isList }) => isList).map(({ key }) => [key, message[key] ?? []]));
  const rest = show({ ...message, ...Object.fromEntries([...lists.keys()].map((key) => [key, []])) }) as JsonObject;
  const texts: string[] = [];
  for (const { key } of members) {
    const elements = (lists.get(key) ?? []) as readonly Message[];
    const text =
      elements.length > 0 ? await elementsText(key, elements, { ...options, turns }) : optionalText(rest[key], form);
    if (text !== undefined) texts.push(`${JSON.stringify(key)}:${form === 'compact' ? '' : ' '}${text}`);
  }
  return enclosed('{}', texts, form, 0) + (form === 'compact' ? '' : '\n');
}

interface ElementOptions extends ListTextOptions {
  readonly turns: TurnBudget;
}

/** @returns undefined where the caller asked for nothing of the list. */
async function elementsText(
  key: string,
  elements: readonly Message[],
  { show, form, hold, turns }: ElementOptions,
): Promise<string | undefined> {
  const texts: string[] = [];
  for (const element of elements) {
    const shown = (show({ [key]: [element] }) as JsonObject)[key] as readonly Json[] | undefined;
    if (shown === undefined) return undefined;
    const text = shown.map((json) => valueText(json, form, 2)).join('');
    hold(text.length * BYTES_A_CHARACTER);
    texts.push(text);
    await turns.spend(text.length);
  }
  return enclosed('[]', texts, form, 1);
}

function optionalText(json: Json | undefined, form: TextForm): string | undefined {
  return json === undefined ? undefined : valueText(json, form, 1);
}

/** @param depth  of the value's place. An end of a line stands nowhere but between members: within strings it is escaped. */
function valueText(json: Json, form: TextForm, depth: number): string {
  return jsonText(json, form).trimEnd().replaceAll('\n', indent(depth));
}

/** Texts of members or elements, written for their depth, between brackets of `depth`. */
function enclosed([begin = '', end = '']: string, texts: readonly string[], form: TextForm, depth: number): string {
  if (texts.length === 0 || form === 'compact') return `${begin}${texts.join(',')}${end}`;
  return `${begin}${indent(depth + 1)}${texts.join(`,${indent(depth + 1)}`)}${indent(depth)}${end}`;
}

function indent(depth: number): string {
  return `\n${'  '.repeat(depth)}`;
}
