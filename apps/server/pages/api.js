/** The server's interface as the pages use it. */
import { jsonPost, openRequest, sessionRequest } from "./request.js";

/** @typedef {{ id: number, name: string, creation: string, sha256: string, size: number }} StoredDocument */
/** @typedef {{ name: string, description: string }} WatermarkMethod */
/**
 * @typedef {{
 *   id: number, documentid: number, link: string, intended_for: string | null, secret: string, method: string
 * }} MarkedCopy
 */
/** @typedef {{ intended_for: string, method: string, secret: string, key: string, position?: string }} MarkOrder */
/** @typedef {{ method: string, key: string }} ReadOrder */
/** @typedef {{ secret: string, attribution?: { intended_for: string | null, link: string } | null }} ReadMark */

/**
 * @param {{ email: string, login: string, password: string }} user
 */
export async function createUser(user) {
  await openRequest("/api/create-user", jsonPost(user));
}

/**
 * @param {{ email: string, password: string }} credentials
 * @returns {Promise<string>} the bearer token
 */
export async function logIn(credentials) {
  const response = await openRequest("/api/login", jsonPost(credentials));
  const { token } = /** @type {{ token: string }} */ (await response.json());
  return token;
}

export async function logOut() {
  await sessionRequest("/api/logout", jsonPost({}));
}

/** @returns {Promise<readonly StoredDocument[]>} newest first */
export async function listDocuments() {
  const response = await sessionRequest("/api/list-documents");
  return /** @type {{ documents: StoredDocument[] }} */ (await response.json()).documents;
}

/**
 * @param {number} id
 * @returns {Promise<Blob>} the PDF
 */
export async function getDocument(id) {
  const response = await sessionRequest(`/api/get-document/${id}`);
  return response.blob();
}

/** @param {number} id */
export async function deleteDocument(id) {
  await sessionRequest(`/api/delete-document/${id}`, { method: "DELETE" });
}

/** @returns {Promise<readonly MarkedCopy[]>} of all documents, oldest first */
export async function listAllCopies() {
  const response = await sessionRequest("/api/list-all-versions");
  return /** @type {{ versions: MarkedCopy[] }} */ (await response.json()).versions;
}

/**
 * @param {number} id of a document
 * @returns {Promise<readonly MarkedCopy[]>} oldest first
 */
export async function listCopies(id) {
  const response = await sessionRequest(`/api/list-versions/${id}`);
  return /** @type {{ versions: MarkedCopy[] }} */ (await response.json()).versions;
}

/** @returns {Promise<readonly WatermarkMethod[]>} */
export async function listMethods() {
  const response = await openRequest("/api/get-watermarking-methods");
  return /** @type {{ methods: WatermarkMethod[] }} */ (await response.json()).methods;
}

/**
 * @param {number} id of the document to copy
 * @param {MarkOrder} order
 */
export async function createWatermark(id, order) {
  await sessionRequest(`/api/create-watermark/${id}`, jsonPost(order));
}

/**
 * @param {number} id of the document to read
 * @param {ReadOrder} order
 * @returns {Promise<ReadMark>}
 */
export async function readWatermark(id, order) {
  const response = await sessionRequest(`/api/read-watermark/${id}`, jsonPost(order));
  return /** @type {ReadMark} */ (await response.json());
}

/**
 * @param {string} link of a copy
 * @returns {string} the address that gives the copy to everybody who knows it
 */
export function copyAddress(link) {
  return new URL(`/api/get-version/${encodeURIComponent(link)}`, location.href).href;
}
