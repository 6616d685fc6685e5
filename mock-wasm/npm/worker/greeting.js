// @ts-check
// The messages of a page to the worker.

/** Asks the worker where the mock is; the answer comes through the port of the message. */
export const WHERE = "telematics-mock: where is the mock?";

/** Asks for nothing: a browser stops a worker that had no event for about thirty seconds. */
export const STAY = "telematics-mock: stay.";
