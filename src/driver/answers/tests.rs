use futures_util::future::BoxFuture;

use super::*;

#[derive(Default)]
struct Counting {
    runs: Arc<AtomicUsize>,
    silent: bool,
}

impl Runner for Counting {
    fn run(
        &self,
        _request: ProbeRequest,
        _deadline: Option<Duration>,
        cancel: CancellationToken,
    ) -> BoxFuture<'static, Outcome> {
        let runs = Arc::clone(&self.runs);
        let silent = self.silent;
        Box::pin(async move {
            let number = runs.fetch_add(1, Ordering::SeqCst);
            if silent {
                cancel.cancelled().await;
            }
            Outcome {
                status: "seen".to_owned(),
                summary: number.to_string(),
                facts: serde_json::Map::new(),
                evidence: Vec::new(),
                by_hand: crate::probe::ByHand::default(),
                elapsed_ms: 0,
            }
        })
    }

    fn source(&self) -> String {
        "counting".to_owned()
    }
}

#[tokio::test]
async fn a_question_is_asked_once_unless_it_must_be_fresh() {
    let runs = Arc::new(AtomicUsize::new(0));
    let answers = Answers::new(Arc::new(Counting {
        runs: Arc::clone(&runs),
        silent: false,
    }));
    let request = ProbeRequest::new("x").with("a", 1);
    answers.ask_ahead(vec![request.clone(), request.clone()]);
    for _ in 0..3 {
        let answer = answers
            .ask(request.clone(), None, false, CancellationToken::new())
            .await
            .unwrap();
        assert_eq!(answer.summary, "0");
    }
    let fresh = answers
        .ask(request, None, true, CancellationToken::new())
        .await
        .unwrap();
    assert_eq!(fresh.summary, "1");
    assert_eq!(runs.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn who_asks_again_gets_new_answers_to_what_came_out_badly_too() {
    let silent = || crate::probe::registry::declaration("dns-forward").unwrap();
    let asked = |name: &str| ProbeRequest::new("dns-forward").with("name", name);
    let outcome = |status| Outcome::of(silent()).finish(status);
    let runs = Arc::new(AtomicUsize::new(0));
    let answers = Answers::new(Arc::new(Counting {
        runs: Arc::clone(&runs),
        silent: false,
    }));
    let keep = |name: &str, status| {
        let (_, answer) = watch::channel(Some(outcome(status)));
        let pending = Pending {
            answer,
            cancel: CancellationToken::new(),
            request: Some(asked(name)),
            number: 0,
            asked: Arc::default(),
            attempts: Attempts::default(),
        };
        let key = asked(name).key();
        answers.kept.lock().unwrap().insert(key, pending);
    };
    keep("good", "resolved");
    keep("bad", "no-answer");
    keep("again", "no-answer");
    answers
        .ask(asked("again"), None, true, CancellationToken::new())
        .await
        .unwrap();
    assert!(answers.known(&asked("good")).is_some());
    assert!(answers.known(&asked("bad")).is_none());
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn who_asks_again_has_what_is_under_way_asked_again_too() {
    let runs = Arc::new(AtomicUsize::new(0));
    let answers = Answers::new(Arc::new(Counting {
        runs: Arc::clone(&runs),
        silent: true,
    }));
    let (shown, later) = (ProbeRequest::new("x"), ProbeRequest::new("y"));
    answers.ask_ahead(vec![later.clone()]);
    while runs.load(Ordering::SeqCst) < 1 {
        tokio::task::yield_now().await;
    }
    let met_before = answers.kept.lock().unwrap()[&later.key()].clone();
    let retry = CancellationToken::new();
    let asked_again = tokio::spawn({
        let (answers, retry) = (answers.clone(), retry.clone());
        async move { answers.ask(shown, None, true, retry).await }
    });
    met_before.cancel.cancelled().await;
    assert!(!answers.kept.lock().unwrap().contains_key(&later.key()));
    answers.ask_ahead(vec![later.clone()]);
    while runs.load(Ordering::SeqCst) < 3 {
        tokio::task::yield_now().await;
    }
    let now = answers.kept.lock().unwrap()[&later.key()].clone();
    assert!(!now.cancel.is_cancelled());
    retry.cancel();
    assert_eq!(asked_again.await.unwrap(), None);
}

#[tokio::test]
async fn what_was_answered_is_not_asked_again_by_a_walk_that_begins_anew() {
    let runs = Arc::new(AtomicUsize::new(0));
    let answers = Answers::new(Arc::new(Counting {
        runs: Arc::clone(&runs),
        silent: false,
    }));
    let request = ProbeRequest::new("x");
    let ask = |answers: Answers| async move {
        answers
            .ask(
                ProbeRequest::new("x"),
                None,
                false,
                CancellationToken::new(),
            )
            .await
    };
    ask(answers.clone()).await.unwrap();
    let again = answers.anew();
    answers.stop();
    assert_eq!(ask(again.clone()).await.unwrap().summary, "0");
    let other = request.with("a", 1);
    let fresh = again
        .ask(other, None, false, CancellationToken::new())
        .await;
    assert_eq!(fresh.unwrap().summary, "1");
}

#[tokio::test]
async fn a_cancelled_question_ends_at_once_and_is_forgotten() {
    let runs = Arc::new(AtomicUsize::new(0));
    let answers = Answers::new(Arc::new(Counting {
        runs: Arc::clone(&runs),
        silent: true,
    }));
    let cancel = CancellationToken::new();
    cancel.cancel();
    let answer = answers
        .ask(ProbeRequest::new("x"), None, false, cancel)
        .await;
    assert!(answer.is_none());
    assert!(answers.kept.lock().unwrap().is_empty());
}
