package millrace.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.SparkSession;

/**
 * Runs scenarios on Spark: reads one (or keys to hash) from each line of a file, and writes what
 * came out as a line of another. One session and one JVM for all: a query costs half a second, a
 * session many.
 */
public final class Main {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Main() {}

  public static void main(String[] files) throws Exception {
    Path folder = Files.createTempDirectory("spark-conformance");
    SparkSession spark = session(folder);
    try (BufferedReader in = Files.newBufferedReader(Path.of(files[0]));
        PrintStream out = new PrintStream(files[1], StandardCharsets.UTF_8)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        out.println(JSON.writeValueAsString(outcomeOf(spark, JSON.readTree(line), folder)));
        out.flush();
      }
    } finally {
      spark.stop();
    }
    delete(folder);
    System.exit(0);
  }

  private static ObjectNode outcomeOf(SparkSession spark, JsonNode scenario, Path folder)
      throws Exception {
    if (scenario.has("keys")) return Hashes.of(spark, scenario);
    Path checkpoint = Files.createTempDirectory(folder, "checkpoint");
    try {
      return new ScenarioRun(spark.newSession(), scenario, checkpoint).run();
    } catch (Exception error) {
      throw new IllegalStateException("cannot run " + scenario, error);
    } finally {
      delete(checkpoint);
    }
  }

  private static SparkSession session(Path folder) {
    return SparkSession.builder()
        .master("local[1]")
        .config("spark.ui.enabled", false)
        .config("spark.local.dir", folder.resolve("local").toString())
        .config("spark.sql.warehouse.dir", folder.resolve("warehouse").toString())
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.codegen.wholeStage", false)
        .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        .config("spark.sql.streaming.stateStore.maintenanceInterval", "1h")
        .config("spark.sql.streaming.numRecentProgressUpdates", 10_000)
        .config("spark.sql.streaming.pollingDelay", "1ms")
        .config("spark.sql.streaming.checkpointFileManagerClass", NioFileManager.class.getName())
        .config("spark.driver.host", "localhost")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .getOrCreate();
  }

  private static void delete(Path folder) {
    // Spark removes files of its own meanwhile: what is gone is gone.
    FileUtils.deleteQuietly(folder.toFile());
  }
}
