import type { Json, JsonObject } from '../../schema/message-json.ts';
import { isWhole, withinMember, type FieldSelection } from './field-selection.ts';

/**
 * What is selected of an answer's JSON. An Any keeps its type, without which nobody could read it; texts and numbers of a list that is
 * selected from are kept.
 */
export function selectJson(json: Json, selection: FieldSelection): Json {
  return selected(json, [selection]);
}

function selected(json: Json, selections: readonly FieldSelection[]): Json {
  if (isWhole(selections) || typeof json !== 'object' || json === null) return json;
  if (isList(json)) return json.map((each) => selected(each, selections));
  const kept = Object.entries(json).flatMap(([name, value]) => {
    if (name === '@type') return [[name, value] as const];
    const within = withinMember(selections, name);
    return within.length === 0 ? [] : [[name, selected(value, within)] as const];
  });
  return Object.fromEntries(kept);
}

function isList(json: readonly Json[] | JsonObject): json is readonly Json[] {
  return Array.isArray(json);
}
