import { jsonText } from '../../schema/json/json-text.ts';
import type { Json } from '../../schema/message-json.ts';
import { JSON_TYPE } from '../answer-form.ts';

/** The texts that the body of a stream is made of. */
export interface StreamForm {
  readonly contentType: string;
  readonly beginning: string;
  /** @param cursor  where a stream that broke behind this message goes on; '' keeps the one before. */
  message(json: Json, cursor: string): string;
  /** Says that nothing has happened. */
  alive(cursor: string): string;
  /** Says why the stream ends, in the form of an error's body. */
  failure(body: Json): string;
  /** Says that there is nothing left to come. */
  readonly ending: string;
}

/** What the id of a stream's end is: who comes back with it has been told everything. */
export const END_ID = 'end';

/**
 * Server-sent events (WHATWG HTML, section 9.2): an event for each message, its id the cursor that a browser sends back as
 * Last-Event-ID. Named events are `failure`, and `end` of streams that are over: browsers come back to all others.
 *
 * @param retryDelayMs  what a browser waits before it comes back, milliseconds.
 */
export function eventStreamForm(retryDelayMs: number): StreamForm {
  return {
    contentType: 'text/event-stream; charset=UTF-8',
    beginning: `retry: ${String(retryDelayMs)}\n\n`,
    message: (json, cursor) => `${idLine(cursor)}data: ${jsonText(json)}\n\n`,
    // An id without data is kept by browsers, and no event to their scripts.
    alive: (cursor) => `: alive\n${idLine(cursor)}\n`,
    failure: (body) => `event: failure\ndata: ${jsonText(body)}\n\n`,
    ending: `event: end\nid: ${END_ID}\ndata: {}\n\n`,
  };
}

/** Cursors are our own: none has a line's end in it. */
function idLine(cursor: string): string {
  return cursor === '' ? '' : `id: ${cursor}\n`;
}

/** One JSON list that grows, as Google's front end streams: each message is an element, and an error the last one. */
export function jsonListForm(form: 'compact' | 'indented'): StreamForm {
  let isEmpty = true;
  const element = (json: Json): string => {
    const mark = isEmpty ? '' : ',\n';
    isEmpty = false;
    return mark + jsonText(json, form).trimEnd();
  };
  return {
    contentType: JSON_TYPE,
    beginning: '[',
    message: element,
    // White space between elements.
    alive: () => '\n',
    failure: (body) => `${element(body)}]\n`,
    ending: ']\n',
  };
}
