// @ts-check
// The socket of `telematics-mock healthcheck`.
import { connect } from "node:net";
import { limits } from "./module.js";
import { describe } from "./system-error.js";

/** @import { HealthcheckTask } from "../wasm/cli_bg.js" */

/** Asks the server whether it is ready. @param {HealthcheckTask} task */
export async function check(task) {
  try {
    return task.judge(await ask(task), "");
  } catch (thrown) {
    return task.judge(undefined, describe(thrown));
  }
}

/** @param {HealthcheckTask} task @returns {Promise<string>} */
function ask(task) {
  const { patience, maxAnswerBytes } = limits();
  return new Promise((resolve, reject) => {
    // Every address of the name is tried until one answers.
    const socket = connect({ host: task.host, port: task.port, autoSelectFamily: true });
    let answer = "";
    const settle = () => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(patience, () => socket.destroy(new Error("connection timed out")));
    socket.setEncoding("utf8").on("data", (text) => {
      answer += text;
      if (answer.length >= maxAnswerBytes) settle();
    });
    socket.once("error", (error) => reject(/** @type {AggregateError} */ (error).errors?.at(-1) ?? error));
    socket.once("end", settle);
    socket.write(task.request());
  });
}
