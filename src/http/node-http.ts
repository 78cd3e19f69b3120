/**
 * Of node:http what this process uses. An import of it asks for everything it exports, and one of its exports is a getter that loads a whole
 * web client: 25 ms of every start.
 */
export const { createServer, STATUS_CODES } = process.getBuiltinModule('node:http');
