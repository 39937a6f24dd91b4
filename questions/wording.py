"""What questions are asked with, in any subject: words that say the same, little, or nothing.

Words are written as people write them; whoever reads this compares their stems. In `SAME` and `OPPOSITES`
each line is a group; a hyphen joins words that have the meaning only together.
"""

# What frames a question and says nothing of what is asked.
EMPTY = frozenset(
    "0 a about above according across actual actually after again against ago ahead all allow almost "
    "along already also although always am among an and another any anybody anyone anything anyway are "
    "around as ask at available away back bad basic basically basics be became because become been before "
    "begin behave behind being below beside besides best better between beyond big bit both briefly bring "
    "but by call came can cannot case certain clear clearly come common commonly consider context core "
    "correct correctly could currently definition depend describe description despite detail detailed did "
    "do does doing done during each easily either else enable end ensure entire especially essential "
    "essentially etc even ever every everybody everyone everything exactly example exist explain "
    "explanation fact familiar far feel few find first follow following for form found frequently from "
    "full fully fundamental fundamentals further furthermore general generally get give given go goes "
    "going gone good got great guarantee had happen hardly has have having he hear help hence her here "
    "him his hit hold how however i idea if illustrate imagine impact imply importance important in "
    "indeed inside into introduction involve involved is it its itself just keep key kind knew know known "
    "last later least let like likely line little long look made main mainly make many matter may maybe "
    "me mean meaning meant mechanic might mind mine more most mostly much must my myself name near nearly "
    "necessary need next no none normal normally notion now nowadays occur of off offer often ok old on "
    "once one ones only onto or other others our out outline over overall overview own part particular "
    "past people per perhaps person place please popular possible possibly potential practical practice "
    "present pretty principle probably proper properly provide purpose put question quick quickly quite "
    "rather reach real really recent recently regarding regular relate related relevant rely remain "
    "require responsible right role roughly run said same say see seem seen serve several shall she short "
    "should show side simple simply since situation so some somebody someone something sometimes soon "
    "sort specific specifically stand start stay still stop stuff style such suddenly suggest summarise "
    "support suppose sure take taken talk tell term than that the their them themselves then there "
    "therefore these they thing think this those though three through throughout thus to today together "
    "too took toward towards try turn two typical typically under understand understanding understood "
    "unless until up upon us use used useful user using usual usually various very via walk want was way "
    "we well went were what whatever when whenever where whether which while who whole whom whose why "
    "will wish with within word work worse worst worth would yes yet you your yours yourself".split()
)

# One meaning a line. Each says less than a word of the subject.
SAME = """
    prevent avoid stop mitigate guard defend protect secure
    prevent safeguard protection prevention mitigation safe safely hardening harden combat
    reduce lower decrease minimise cut shrink smaller
    reduce less fewer lessen cheaper save-money keep-small small
    improve optimise optimisation faster speed slow slowly
    improve performance performant efficient efficiency tune improvement enhance speed-up
    increase raise boost grow growth
    choose pick select decide decision selection choice prefer preference
    difference differ different differentiate distinguish distinction
    difference compare comparison contrast versus vs instead
    handle deal cope manage tackle treat respond
    handle react-to resolve resolution solve settle overcome go-about work-with
    detect notice spot recognise identify discover detection find-out
    debug troubleshoot diagnose investigate diagnosis root-cause track-down
    test verify check validate testing
    create build write develop implement implementation code set-up setup construct add introduce produce
    design architect architecture structure
    evaluate assess measure judge rate evaluation assessment metric quality measurement
    monitor watch observe track monitoring
    advantage benefit pro upside gain strength usefulness
    disadvantage drawback con downside weakness limitation shortcoming pitfall
    fix repair rectify
    error exception
    fail failure mistake unsuccessful wrong go-wrong
    succeed success achievement accomplish accomplishment achieve proud
    colleague coworker co-worker teammate peer team-member
    manager boss supervisor
    customer client consumer buyer
    company employer organisation firm
    disagree disagreement conflict argument dispute clash
    deadline time-pressure short-notice
    urgent urgency
    prioritise priority prioritisation
    delete remove erase
    update modify change edit
    send transmit
    store save persist storage keep-data
    large huge massive enormous
    scale scalability scalable scaling
    deploy deployment ship release launch roll-out rollout
    roll-back rollback revert undo
    page site website web-page web-site webpage web
    application app program
    phone iphone smartphone handset device
    parallel concurrent simultaneously concurrency
    strategy technique method approach procedure process mechanism tactic
    type variety category
    value entry record row
    reverse invert
    job position career
    join-company join-our-company work-here work-for-us work-at-our-company join-us work-for-our-company
    learn lesson taught pick-up
    complex complicated difficult hard challenging tough challenge
    split divide break break-up
    combine merge
    browser web-browser
    url address web-address
    message notification
    document documentation
    recover restore recovery
    message msg
    display render
    limit restrict constraint
    project assignment
    goal objective target
    plan planning
    enter type-a-url type-an-address
    technology tool
    outage down downtime incident
    cost expense price expensive spend
    multiple several many various
    overload overloaded
    frequent frequency
    remote remotely
    log logging
    deploy-model serve-model
    review reviewing
"""

# One meaning a line too, of the words of a subject: those whose forms have different stems.
FORMS = """
    collect collector collection
    centre center
    consume consumption usage
    cause causation causal causality
    anomaly anomalous unusual abnormal
    life-cycle lifecycle
    real-time realtime
    thread-safe thread-safety
    reuse reusable reusability
    secret credential
    blue-green blue/green
    strong-point strength
    money amount currency
    statistic statistical statistically
    significant significance
    probable probability likelihood
    correlate correlation
    curious curiosity
    creative creativity
    flexible flexibility adaptable adaptability
    decide-quickly quick-decision
    hardware device-hardware
    constrain constraint
    dependent dependency
    transact transaction transactional
    integrate integration
    authentic authenticity
    vulnerable vulnerability
    forge forgery
    infect infection
    permit permission
    expire expiry expiration
    invalid invalidate invalidation
    replicate replication replica
    orchestrate orchestration orchestrator
    provision provisioning
    compress compression
    navigate navigation
    animate animation
    render rendering
    validate validation
    serialise serialisation serializer
    allocate allocation
    interrupt interruption
    hire hiring recruit
    promote promotion
    relocate relocation
    normalise normalisation normal-form normalised
    authenticate authentication log-in login sign-in signin
    authorise authorisation access-control
    convert transform transformation
    crash crashing
    zero-downtime without-downtime no-downtime
    query querying statement
    duplicate duplication double
    attack exploit
    attacker hacker
    breach compromise
    schedule scheduling
    collaborate cooperate work-together collaboration
    motivate motivation
    criticism feedback criticise
    pressure stress stressful
    persuade convince influence
    salary pay compensation earn
    tell-me-about-yourself introduce-yourself
    up-to-date skills-current current-knowledge
    half-way halfway midway
    mentor coach
    quit leave resign
    late late-arriving
    stream streaming
    missing absent
    leak leaking
    image picture photo
    encrypt encryption
    hide hidden
    communicate communication
    ambiguous ambiguity unclear uncertain uncertainty
    unit-test unit-testing
    hyperparameter tuning-parameter
    accuracy accurate
    explainable interpretable interpretability explainability
    convolutional-network cnn
    sensitive confidential secret
    password passphrase
    retry retries
    inheritance inherit
    recursive recursion
    asynchronous async
    synchronous sync
    synchronise synchronisation sync-data
    immutable immutability
    readable readability
    maintain maintenance maintainable
    responsive responsiveness
    accessible accessibility
    available availability
    reliable reliability resilient resilience robust
    consistent consistency
    cache caching
    index indexing
    partition partitioning
    shard sharding
    train training
    explode exploding
    vanish vanishing
    cluster clustering
    classify classifier classification
    regress regression
    predict prediction
    embed embedding
    generate generation generative
    automate automation automatic automatically
    validate-input input-validation
    sanitise escape
    compute calculate calculation
    estimate estimation
    visualise visualisation chart plot graph
    aggregate aggregation
    sample sampling
    migrate migration
    version versioning
    subscribe subscription
    refactor refactoring
    compile compiler compilation
    leader lead leadership
    negotiate negotiation
    delegate delegation
    idempotent idempotency idempotence
    atomic atomicity
    isolate isolation
    hallucinate hallucination
    imbalance imbalanced unbalanced skewed
    layman non-technical
    connect connection connectivity
"""

# Each line: words of which one text has one where the other has another, if they ask for different things.
OPPOSITES = """
    differ create design debug test
    i ii iii
    prevent test debug monitor deploy evaluate store scale document choose detect create
    what-is test debug monitor scale deploy migrate
    open close
    inner outer left right full cross self
    horizontal vertical
    optimistic pessimistic
    increase reduce
    advantage disadvantage
    succeed fail
    give receive
    join leave lead
    before after
    upstream downstream
    input output
    encode decode
    encrypt decrypt
    commit revert
    push pull
    read write
    insert delete
    client server
    local remote global
    static dynamic
    implicit explicit
    internal external
    inbound outbound ingress egress
    minimum maximum
    first last
    encoder decoder
    training inference
    online offline
    synchronous asynchronous
    strong weak eventual
    supervised unsupervised reinforcement
    public private
    mutable immutable
    stateful stateless
    liveness readiness startup
    continuous discrete
    under over
    ascending descending
    batch stream
    row column
    colleague customer manager
    up down
    start stop
    past future
    structured unstructured
    homogeneous heterogeneous
    functional object
    relational document
    hard soft
    deep shallow
    blue canary
    rest transit
"""

# Words of the field that fit nearly any question: one more or one less changes little.
GENERAL = frozenset(
    "algorithm android answer api architecture area attack business class cloud code component concern "
    "condition css data database day docker dom engineer engineering environment event expect experience "
    "feature field file flow framework function git group html http input internal internally ios issue "
    "item java javascript kotlin kubernetes language layer level library life linux machine "
    "machine-learning management microservice model network neural new number object operation option "
    "output parameter pattern pipeline point problem product production professional property python "
    "quality react reason relation request response rest result rule scenario server service size "
    "software solution spark sql standard swift system table task team tech technical time trade-off "
    "traffic typescript web world year".split()
)
