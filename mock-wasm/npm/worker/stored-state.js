// @ts-check
// The state of a mock in IndexedDB, which outlives the worker and its pages.

/**
 * @import { StateStore } from "./scope.d.ts"
 */

const DATABASE = "telematics-mock";
const TABLE = "states";

/** @implements {StateStore} */
export class StoredState {
  #key;
  /** @type {Promise<IDBDatabase> | undefined} */
  #database;

  /**
   * @param {string} scope of the worker: several workers of an origin can answer for the same address
   * @param {string} url of the mock
   */
  constructor(scope, url) {
    this.#key = [scope, url];
  }

  /** @returns {Promise<string | undefined>} */
  read() {
    return this.#run("readonly", (table) => table.get(this.#key));
  }

  /** @param {string} snapshot */
  async write(snapshot) {
    await this.#run("readwrite", (table) => table.put(snapshot, this.#key));
  }

  /**
   * Resolves to the result of a request once its transaction is complete.
   *
   * @template T
   * @param {IDBTransactionMode} mode
   * @param {(table: IDBObjectStore) => IDBRequest<T>} send
   * @returns {Promise<T>}
   */
  async #run(mode, send) {
    this.#database ??= open(() => (this.#database = undefined));
    const transaction = (await this.#database).transaction(TABLE, mode);
    const request = send(transaction.objectStore(TABLE));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }
}

/** @param {() => void} onClose the connection cannot be used any longer @returns {Promise<IDBDatabase>} */
function open(onClose) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => void request.result.createObjectStore(TABLE);
    request.onerror = () => (onClose(), reject(request.error));
    request.onsuccess = () => {
      const database = request.result;
      database.onclose = onClose;
      // The person deletes the data of the site.
      database.onversionchange = () => (onClose(), database.close());
      resolve(database);
    };
  });
}
