/** What people do with Google's clients for Java, generated and gax, against the sidecar. */
public final class Walk {
  private Walk() {}

  public static void main(String[] arguments) throws Exception {
    String root = System.getenv("SIDECAR_ROOT");
    new Generated(System.getenv("SIDECAR_HTTP"), root).all();
    Gax.overGrpc(System.getenv("SIDECAR_ADDRESS"), root);
    Gax.overHttp(System.getenv("SIDECAR_HTTP"), root);
    // Threads of their transports would keep it for a while.
    System.exit(0);
  }
}
