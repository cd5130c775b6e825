package millrace.conformance;

import java.io.BufferedReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;

/** Runs scenarios on Flink: one line of JSON each, and one line for what came out of it. */
public final class Main {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Main() {}

  public static void main(String[] files) throws Exception {
    try (BufferedReader in = Files.newBufferedReader(Path.of(files[0]));
        PrintStream out = new PrintStream(files[1], StandardCharsets.UTF_8)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        JsonNode scenario = JSON.readTree(line);
        try {
          out.println(JSON.writeValueAsString(new ScenarioRun(scenario).run()));
        } catch (Throwable error) {
          throw new IllegalStateException("cannot run " + line, error);
        }
      }
    }
    System.exit(0);
  }
}
