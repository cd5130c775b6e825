package millrace.conformance;

import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.ExpiredTimerInfo;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.streaming.StatefulProcessor;
import org.apache.spark.sql.streaming.StatefulProcessorWithInitialState;
import org.apache.spark.sql.streaming.TimeMode;
import org.apache.spark.sql.streaming.TimerValues;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;

/** Processors that do what a program says. */
final class Processors {
  private Processors() {}

  /** One that begins without state. */
  static final class Plain extends StatefulProcessor<String, Row, Row> {
    private static final long serialVersionUID = 1L;
    private final TransformProgram program;

    Plain(TransformProgram program) {
      this.program = program;
    }

    @Override
    public void init(OutputMode outputMode, TimeMode timeMode) {
      program.init(getHandle());
    }

    @Override
    public Iterator<Row> handleInputRows(String key, Iterator<Row> rows, TimerValues times) {
      return CollectionConverters.asScala(program.rows(key, rows, times)).iterator();
    }

    @Override
    public Iterator<Row> handleExpiredTimer(
        String key, TimerValues times, ExpiredTimerInfo timer) {
      long expiryMs = timer.getExpiryTimeInMs();
      return CollectionConverters.asScala(program.timer(key, times, expiryMs)).iterator();
    }
  }

  /** One whose state begins with counts by key. */
  static final class Seeded extends StatefulProcessorWithInitialState<String, Row, Row, Row> {
    private static final long serialVersionUID = 1L;
    private final TransformProgram program;

    Seeded(TransformProgram program) {
      this.program = program;
    }

    @Override
    public void init(OutputMode outputMode, TimeMode timeMode) {
      program.init(getHandle());
    }

    @Override
    public void handleInitialState(String key, Row initial, TimerValues times) {
      program.begin(initial.getAs("rank"));
    }

    @Override
    public Iterator<Row> handleInputRows(String key, Iterator<Row> rows, TimerValues times) {
      return CollectionConverters.asScala(program.rows(key, rows, times)).iterator();
    }

    @Override
    public Iterator<Row> handleExpiredTimer(
        String key, TimerValues times, ExpiredTimerInfo timer) {
      long expiryMs = timer.getExpiryTimeInMs();
      return CollectionConverters.asScala(program.timer(key, times, expiryMs)).iterator();
    }
  }
}
