import com.google.api.client.googleapis.batch.BatchRequest;
import com.google.api.client.googleapis.batch.json.JsonBatchCallback;
import com.google.api.client.googleapis.json.GoogleJsonError;
import com.google.api.client.googleapis.json.GoogleJsonResponseException;
import com.google.api.client.http.HttpHeaders;
import com.google.api.client.http.HttpResponseException;
import com.google.api.client.http.javanet.NetHttpTransport;
import com.google.api.client.json.gson.GsonFactory;
import com.google.api.services.storagetransfer.v1.Storagetransfer;
import com.google.api.services.storagetransfer.v1.model.CancelOperationRequest;
import com.google.api.services.storagetransfer.v1.model.Empty;
import com.google.api.services.storagetransfer.v1.model.ListOperationsResponse;
import com.google.api.services.storagetransfer.v1.model.Operation;
import com.google.api.services.storagetransfer.v1.model.PosixFilesystem;
import com.google.api.services.storagetransfer.v1.model.RunTransferJobRequest;
import com.google.api.services.storagetransfer.v1.model.TransferJob;
import com.google.api.services.storagetransfer.v1.model.TransferSpec;
import com.google.api.services.storagetransfer.v1.model.UpdateTransferJobRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * google-api-services-storagetransfer, made of the discovery document. It compresses every request, sends PATCH and GETs with long queries as
 * POST, and no content as an empty gzip stream.
 */
final class Generated {
  private static final String PROJECT = "java-generated";
  private static final String FILTER = "{\"projectId\":\"" + PROJECT + "\"}";
  private static final String CLIENT = "api-services-storagetransfer: ";

  private final String root;
  private final Storagetransfer service;
  private String job;
  private String finished;
  private String stopped;

  Generated(String address, String root) {
    this.root = root;
    this.service =
        new Storagetransfer.Builder(new NetHttpTransport(), GsonFactory.getDefaultInstance(), null)
            .setRootUrl("http://" + address + "/")
            .setApplicationName("walk")
            .build();
  }

  void all() {
    Checks.check(CLIENT + "a run is polled until it is done, and counts every file", this::finishesRun);
    Checks.check(CLIENT + "cancel of a running transfer stops it", this::cancelsRun);
    Checks.check(CLIENT + "cancel without a body does nothing to what has ended", this::cancelsWithoutBody);
    Checks.check(CLIENT + "pages of list tell every operation once", this::lists);
    Checks.check(CLIENT + "a list whose filter is too long for a URL goes as a form", this::listsByLongFilter);
    Checks.check(CLIENT + "a patch, which goes as POST, changes the job", this::patches);
    Checks.check(CLIENT + "a batch answers each of its calls, in their order", this::batches);
    Checks.check(CLIENT + "refusals come with their status, their message and their details", this::isRefused);
  }

  private void finishesRun() throws Exception {
    finished = start("small", "small-java-generated");
    Checks.until(() -> isDone(finished));
    Operation operation = get(finished);
    Checks.equal("response", operation.getResponse().get("@type"), "type.googleapis.com/google.protobuf.Empty");
    Map<?, ?> counters = (Map<?, ?>) operation.getMetadata().get("counters");
    Checks.equal("copied", counters.get("objectsCopiedToSink"), "30");
  }

  private void cancelsRun() throws Exception {
    stopped = start("large", "large-java-generated");
    Checks.until(() -> "IN_PROGRESS".equals(get(stopped).getMetadata().get("status")));
    service.transferOperations().cancel(stopped, new CancelOperationRequest()).execute();
    Checks.until(() -> isDone(stopped));
    Checks.equal("code", get(stopped).getError().getCode(), 1);
  }

  private void cancelsWithoutBody() throws IOException {
    Empty empty = service.transferOperations().cancel(finished, null).execute();
    Checks.equal("answer", empty, new Empty());
    Checks.equal("error", get(finished).getError(), null);
  }

  private void lists() throws IOException {
    List<String> expected = List.of(stopped, finished);
    Checks.equal("whole", list(FILTER, 256), expected);
    Checks.equal("paged", list(FILTER, 1), expected);
  }

  private void listsByLongFilter() throws IOException {
    String names = "\"transferJobs/none\",".repeat(200) + "\"" + job + "\"";
    String filter = "{\"projectId\":\"" + PROJECT + "\",\"jobNames\":[" + names + "]}";
    Checks.equal("of the last job", list(filter, 256), List.of(stopped));
  }

  private void patches() throws IOException {
    UpdateTransferJobRequest request =
        new UpdateTransferJobRequest()
            .setProjectId(PROJECT)
            .setTransferJob(new TransferJob().setDescription("Ünder Änderung"))
            .setUpdateTransferJobFieldMask("description");
    TransferJob changed = service.transferJobs().patch(job, request).execute();
    Checks.equal("description", changed.getDescription(), "Ünder Änderung");
    Checks.equal("status", changed.getStatus(), "ENABLED");
  }

  private void batches() throws IOException {
    List<String> answers = new ArrayList<>();
    BatchRequest batch = service.batch();
    service.transferOperations().get(finished).queue(batch, kept(answers));
    service.transferOperations().cancel(finished, new CancelOperationRequest()).queue(batch, kept(answers));
    service.transferOperations().get("transferOperations/missing").queue(batch, kept(answers));
    batch.execute();
    Checks.equal("answers", answers, List.of("Operation", "Empty", "404"));
  }

  private static <T> JsonBatchCallback<T> kept(List<String> answers) {
    return new JsonBatchCallback<>() {
      @Override
      public void onSuccess(T answer, HttpHeaders headers) {
        answers.add(answer.getClass().getSimpleName());
      }

      @Override
      public void onFailure(GoogleJsonError error, HttpHeaders headers) {
        answers.add(String.valueOf(error.getCode()));
      }
    };
  }

  private void isRefused() throws Exception {
    String missing = "transferOperations/missing";
    GoogleJsonResponseException refusal = Checks.thrown(GoogleJsonResponseException.class, () -> get(missing));
    Checks.equal("status", refusal.getStatusCode(), 404);
    Checks.equal("code", refusal.getDetails().getCode(), 404);
    Checks.contains(refusal.getDetails().getMessage(), missing);
    Checks.contains(refusal.getDetails().getDetails().toString(), "OPERATION_NOT_FOUND");
    HttpResponseException unread =
        Checks.thrown(HttpResponseException.class, () -> service.transferOperations().list("transferOperations", "{").execute());
    Checks.equal("status", unread.getStatusCode(), 400);
  }

  /** Creates a job, runs it, and returns the operation's name. */
  private String start(String source, String sink) throws IOException {
    TransferJob created =
        new TransferJob()
            .setProjectId(PROJECT)
            .setStatus("ENABLED")
            .setTransferSpec(
                new TransferSpec()
                    .setPosixDataSource(new PosixFilesystem().setRootDirectory(root + "/" + source))
                    .setPosixDataSink(new PosixFilesystem().setRootDirectory(root + "/" + sink)));
    job = service.transferJobs().create(created).execute().getName();
    return service.transferJobs().run(job, new RunTransferJobRequest().setProjectId(PROJECT)).execute().getName();
  }

  private Operation get(String name) throws IOException {
    return service.transferOperations().get(name).execute();
  }

  private boolean isDone(String name) throws IOException {
    return Boolean.TRUE.equals(get(name).getDone());
  }

  /** The names of all pages. */
  private List<String> list(String filter, int pageSize) throws IOException {
    List<String> names = new ArrayList<>();
    Storagetransfer.TransferOperations.List list =
        service.transferOperations().list("transferOperations", filter).setPageSize(pageSize);
    for (; ; ) {
      ListOperationsResponse page = list.execute();
      if (page.getOperations() != null) page.getOperations().forEach((operation) -> names.add(operation.getName()));
      if (page.getNextPageToken() == null) return names;
      list.setPageToken(page.getNextPageToken());
    }
  }
}
