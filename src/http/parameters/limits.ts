/** Bounds of the `fields` parameter. */
export interface FieldsLimits {
  /** Its text, UTF-16 units. */
  readonly lengthMax: number;
  /** Steps of a path, those of the groups around it included. */
  readonly depthMax: number;
  /** Ways in which it may select one member at once, as `a.x,*.y` selects within `a` in two. */
  readonly overlapMax: number;
}

export const DEFAULT_FIELDS_LIMITS: FieldsLimits = {
  // Each path of our largest response several times over. What comes in a body with a method override has no URL's bound.
  lengthMax: 16 * 1024,
  // As deep as JSON is read.
  depthMax: 32,
  // Each value of an answer is looked at as often: 1,024 ways, ten * beside names, held the event loop for a second and more.
  overlapMax: 16,
};
