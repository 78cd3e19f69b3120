import { loadPackageDefinition, Server, ServerCredentials } from '@grpc/grpc-js';
import { anyOf, embed, openSqlite } from 'longrunning';
import { AuditingDatabase } from './auditing-database.js';
import { definitions, encode } from '../reports/messages.js';
import { renderReport } from './render-report.js';

const { ReportService } = loadPackageDefinition(definitions).acme.reports.v1;
const server = new Server();

const database = new AuditingDatabase(await openSqlite('operations.db'), 'audit.log');
const lro = await embed({ database, handlers: { 'reports.render': renderReport } });
lro.addTo(server);
server.addService(ReportService.service, {
  renderReport: (call, respond) => {
    const request = anyOf(
      'acme.reports.v1.RenderReportRequest',
      encode('acme.reports.v1.RenderReportRequest', call.request),
    );
    lro.create({ kind: 'reports.render', request }).then((operation) => respond(null, operation), respond);
  },
});

server.bindAsync(process.argv[2] ?? '127.0.0.1:50052', ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(`listening on ${port}`);
});

process.once('SIGTERM', async () => {
  await lro.drain(10_000);
  server.tryShutdown(() => undefined);
});
