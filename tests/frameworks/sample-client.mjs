// The module `client.js` of the samples in the README. A test decides what `create` does.
export const next = {};
export const create = () => next.create();
