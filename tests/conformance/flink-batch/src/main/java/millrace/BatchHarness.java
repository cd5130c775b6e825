package millrace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.windowing.assigners.EventTimeSessionWindows;
import org.apache.flink.streaming.api.windowing.assigners.GlobalWindows;
import org.apache.flink.streaming.api.windowing.assigners.SlidingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingProcessingTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.WindowAssigner;
import org.apache.flink.streaming.api.windowing.triggers.ContinuousEventTimeTrigger;
import org.apache.flink.streaming.api.windowing.triggers.CountTrigger;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.streaming.api.windowing.windows.Window;
import org.apache.flink.util.Collector;

/**
 * Runs scenarios on Apache Flink in batch execution mode, all in one job, and writes what each has
 * emitted, in order. A line is a scenario: its kind, a tab, and its records, {@code key@seconds} with
 * what the function is to do about it behind a colon each; those of a second stream behind a bar.
 */
public final class BatchHarness {
    private static final Map<Integer, List<String>> EMITTED = new ConcurrentHashMap<>();

    private BatchHarness() {}

    public static void main(String[] arguments) throws Exception {
        List<String> lines = Files.readAllLines(Path.of(arguments[0]));
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setRuntimeMode(RuntimeExecutionMode.BATCH);
        env.setParallelism(1);
        for (int at = 0; at < lines.size(); at++) {
            EMITTED.put(at, Collections.synchronizedList(new ArrayList<>()));
            add(env, at, lines.get(at));
        }
        env.execute();
        List<String> results = new ArrayList<>();
        for (int at = 0; at < lines.size(); at++) results.add(String.join(", ", EMITTED.get(at)));
        Files.write(Path.of(arguments[1]), results);
    }

    private static void add(StreamExecutionEnvironment env, int id, String line)
            throws IOException {
        String[] parts = line.split("\t", -1);
        String[] streams = parts[1].split("\\|", -1);
        DataStream<String> first = read(env, streams[0]);
        KeyedStream<String, String> keyed = first.keyBy(BatchHarness::keyOf, Types.STRING);
        emitted(keyed, env, parts[0], streams)
                .map(new Remember(id))
                .returns(Types.STRING)
                .sinkTo(new DiscardingSink<>());
    }

    private static DataStream<String> read(StreamExecutionEnvironment env, String text) {
        List<String> records = new ArrayList<>();
        for (String word : text.trim().split(" ")) if (!word.isEmpty()) records.add(word);
        DataStream<String> stream =
                records.isEmpty()
                        ? env.fromData("z@0").filter(word -> false)
                        : env.fromData(records);
        return stream.assignTimestampsAndWatermarks(
                WatermarkStrategy.<String>forMonotonousTimestamps()
                        .withTimestampAssigner((word, before) -> timeOf(word)));
    }

    private static DataStream<String> emitted(
            KeyedStream<String, String> keyed,
            StreamExecutionEnvironment env,
            String kind,
            String[] streams) {
        switch (kind) {
            case "process":
                return keyed.process(new Script());
            case "connected":
                return keyed.connect(read(env, streams[1]).keyBy(BatchHarness::keyOf, Types.STRING))
                        .process(new TwoSides());
            case "broadcast":
                return keyed.connect(read(env, streams[1]).broadcast(Rules.STATE))
                        .process(new Rules());
            case "tumbling":
                return windowed(keyed, TumblingEventTimeWindows.of(Duration.ofSeconds(5)));
            case "sliding":
                return windowed(
                        keyed,
                        SlidingEventTimeWindows.of(Duration.ofSeconds(6), Duration.ofSeconds(2)));
            case "sessions":
                return windowed(keyed, EventTimeSessionWindows.withGap(Duration.ofSeconds(3)));
            case "continuous":
                return keyed.window(TumblingEventTimeWindows.of(Duration.ofSeconds(6)))
                        .trigger(ContinuousEventTimeTrigger.of(Duration.ofSeconds(2)))
                        .process(new Contents<>());
            case "processing-time":
                // So wide that one window has everything, whenever the test runs.
                return keyed.window(TumblingProcessingTimeWindows.of(Duration.ofDays(36_500)))
                        .process(new Contents<>());
            case "counted":
                return keyed.window(GlobalWindows.create())
                        .trigger(CountTrigger.of(2))
                        .process(new Contents<>());
            default:
                throw new IllegalArgumentException("no kind of scenario: " + kind);
        }
    }

    private static DataStream<String> windowed(
            KeyedStream<String, String> keyed, WindowAssigner<Object, TimeWindow> windows) {
        return keyed.window(windows).process(new Contents<>());
    }

    static String keyOf(String word) {
        return word.substring(0, word.indexOf('@'));
    }

    static long timeOf(String word) {
        String text = word.substring(word.indexOf('@') + 1).split(":")[0];
        return Long.parseLong(text) * 1000;
    }

    static String nameOf(String word) {
        return word.split(":")[0];
    }

    /** As the engine shows it. */
    static String clock(long watermark) {
        if (watermark == Long.MAX_VALUE) return "end";
        return watermark == Long.MIN_VALUE ? "none" : Long.toString(watermark);
    }

    private static final class Remember implements MapFunction<String, String> {
        private final int id;

        Remember(int id) {
            this.id = id;
        }

        @Override
        public String map(String emitted) {
            EMITTED.get(id).add(emitted);
            return emitted;
        }
    }

    /** Does what a record says: e5 sets a timer of event time for 5 s, p5 one of processing time. */
    private static void obey(String word, TimerService timers) {
        String[] orders = word.split(":");
        for (int at = 1; at < orders.length; at++) {
            String order = orders[at];
            if (order.length() < 2) continue;
            long time = Long.parseLong(order.substring(1)) * 1000;
            switch (order.charAt(0)) {
                case 'e' -> timers.registerEventTimeTimer(time);
                case 'p' -> timers.registerProcessingTimeTimer(time);
                case 'd' -> timers.deleteEventTimeTimer(time);
                case 'q' -> timers.deleteProcessingTimeTimer(time);
                default -> throw new IllegalArgumentException(order);
            }
        }
    }

    private static final class Script extends KeyedProcessFunction<String, String, String> {
        private transient ValueState<Integer> count;

        @Override
        public void open(OpenContext context) {
            count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Types.INT));
        }

        @Override
        public void processElement(String word, Context context, Collector<String> out)
                throws Exception {
            int before = count.value() == null ? 0 : count.value();
            count.update(before + 1);
            String watermark = clock(context.timerService().currentWatermark());
            out.collect(nameOf(word) + " #" + (before + 1) + " " + watermark);
            obey(word, context.timerService());
        }

        @Override
        public void onTimer(long time, OnTimerContext context, Collector<String> out)
                throws Exception {
            String domain = context.timeDomain().toString().startsWith("E") ? "event" : "processing";
            String watermark = clock(context.timerService().currentWatermark());
            Integer known = count.value();
            String where = context.getCurrentKey() + " #" + known + " " + watermark;
            out.collect(domain + " timer " + time / 1000 + " " + where);
            // Every timer asks for more, which is not to be had.
            context.timerService().registerEventTimeTimer(time + 1000);
            context.timerService().registerProcessingTimeTimer(time + 1000);
        }
    }

    private static final class TwoSides
            extends KeyedCoProcessFunction<String, String, String, String> {
        @Override
        public void processElement1(String word, Context context, Collector<String> out) {
            out.collect("left " + nameOf(word));
            obey(word, context.timerService());
        }

        @Override
        public void processElement2(String word, Context context, Collector<String> out) {
            out.collect("right " + nameOf(word));
            obey(word, context.timerService());
        }

        @Override
        public void onTimer(long time, OnTimerContext context, Collector<String> out) {
            out.collect("timer " + time / 1000 + " " + context.getCurrentKey());
        }
    }

    private static final class Rules
            extends KeyedBroadcastProcessFunction<String, String, String, String> {
        static final MapStateDescriptor<String, Integer> STATE =
                new MapStateDescriptor<>("rules", Types.STRING, Types.INT);

        @Override
        public void processElement(String word, ReadOnlyContext context, Collector<String> out)
                throws Exception {
            int count = 0;
            for (var rule : context.getBroadcastState(STATE).immutableEntries()) {
                count += rule.getValue();
            }
            out.collect(nameOf(word) + " knows " + count);
        }

        @Override
        public void processBroadcastElement(String word, Context context, Collector<String> out)
                throws Exception {
            context.getBroadcastState(STATE).put(nameOf(word), 1);
        }
    }

    private static final class Contents<W extends Window>
            extends ProcessWindowFunction<String, String, String, W> {
        @Override
        public void process(
                String key, Context context, Iterable<String> records, Collector<String> out) {
            StringBuilder text = new StringBuilder(key);
            if (context.window() instanceof TimeWindow window && window.getStart() < 1_000_000) {
                text.append(" [").append(window.getStart() / 1000);
                text.append(",").append(window.getEnd() / 1000).append(")");
            }
            for (String record : records) text.append(" ").append(nameOf(record));
            out.collect(text + " " + clock(context.currentWatermark()));
        }
    }
}
