(function(){
var d=document,f=d.forms,i;
function once(e){var b=this.querySelector('button');setTimeout(function(){b.disabled=true},0)}
for(i=0;i<f.length;i++)if(f[i].hasAttribute('data-once'))f[i].addEventListener('submit',once);
window.addEventListener('pageshow',function(e){if(e.persisted)location.reload()});
{#- Only a page that somebody looks at is a visit: not one that was fetched ahead, or for a preview. #}
var told=d.body.getAttribute('data-seen');
function look(){if(told&&!d.hidden&&!d.prerendering){new Image().src=told;told=''}}
look();d.addEventListener('visibilitychange',look);d.addEventListener('prerenderingchange',look);
{#- A camera is lent to pages of an encrypted connection only; without one there is nothing to offer. #}
var scan=d.getElementById('scan');
if(scan&&window.isSecureContext&&navigator.mediaDevices&&navigator.mediaDevices.getUserMedia)scan.className='';
var keep=d.body.querySelector('[data-keep]');
if(keep&&history.replaceState)history.replaceState(null,'',keep.getAttribute('data-keep'));
})();
