import { answer, bodyOf, problem } from "./answers.ts";
import type { Operation } from "./operation.ts";

export const accountOperations: Readonly<Record<string, Operation>> = {
  "POST /api/create-user": {
    tag: "accounts",
    summary: "Sign up",
    body: bodyOf("NewUser"),
    answers: {
      201: answer("The new account", "User"),
      400: problem("A field is missing or malformed"),
      409: problem("`email or login already exists`, whichever it is"),
    },
  },
  "POST /api/login": {
    tag: "accounts",
    summary: "Log in",
    description:
      "An unknown account and a wrong password give the same answer after the same work. After too many failures the password is not looked at; asking meanwhile does not make the wait longer.",
    body: bodyOf("Credentials"),
    answers: {
      200: answer("A bearer token", "Token"),
      400: problem("`email and password are required`"),
      401: problem("`invalid credentials`"),
      429: problem("`too many login attempts`, or too many requests"),
    },
  },
  "POST /api/logout": {
    tag: "accounts",
    summary: "End the token that was sent",
    answers: { 200: answer("It is revoked", "Message") },
  },
  "POST /api/refresh-token": {
    tag: "accounts",
    summary: "Exchange the token that was sent for a fresh one",
    answers: { 200: answer("The new token; the old one is revoked", "Token") },
  },
};
